"""A set of public keys: cached, refreshed, and shared by all processes, even while its source is away."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from http.client import HTTPException
from typing import Any

from accounts.exceptions import KeysUnavailable
from accounts.tokens.jwk import Keys, keys_by_kid
from accounts.tokens.jwt import VerificationKey
from accounts.tokens.key_store import KeyStore

logger = logging.getLogger(__name__)

FRESH_SECONDS = 300.0
RETRY_SECONDS = 3.0  # after a load that failed
WAIT_SECONDS = 1.5
GIVE_UP_SECONDS = 15.0  # A load that still runs is replaced: a server can send headers a byte at a time.
ABSENT_SECONDS = 3.0
MAX_ABSENT = 1000
# Raised by urllib, by http.client, for anything that is not a JWK Set, and for deeply nested JSON.
SOURCE_UNAVAILABLE = (OSError, HTTPException, ValueError, RecursionError)

type JWKs = list[dict[str, Any]]


class Load:
    """One attempt to load the keys. Several callers can wait for it."""

    def __init__(self) -> None:
        self.done: Future[None] = Future()
        self.started_at = float("inf")
        self.failed_at = float("-inf")

    def is_running(self) -> bool:
        return not self.done.done() and time.monotonic() - self.started_at < GIVE_UP_SECONDS

    def has_just_failed(self) -> bool:
        """Return whether it failed so recently that another attempt would be too early."""
        return time.monotonic() - self.failed_at < RETRY_SECONDS


class KeySet:
    """The keys of one source by `kid`.

    A caller with a known `kid` never waits. One with an unknown `kid` waits for a load that begins after it came,
    because Better Auth may have made the key a moment ago. One load runs at a time and they begin `interval_seconds`
    apart, so that a flood of unknown `kid`s costs the source little; at most `max_waiting` callers wait at once, so
    that it leaves threads for everybody else. Keys stay valid for as long as the source is unavailable.

    load: returns the source's keys. is_background: whether it runs in a thread of its own.
    store: where all processes keep the last good keys; None if the source is the database itself.
    """

    def __init__(
        self,
        load: Callable[[], JWKs],
        *,
        interval_seconds: float,
        max_waiting: int,
        is_background: bool = False,
        store: KeyStore | None = None,
    ) -> None:
        self.load = load
        self.interval_seconds = interval_seconds
        self.is_background = is_background
        self.store = store
        self.keys: Keys = {}
        self.loaded_at = float("-inf")
        self.latest: Load | None = None
        self.lock = threading.Lock()  # Held for the few lines that look at the fields, never during a load.
        self.restoring = threading.Lock()
        self.waiting = threading.BoundedSemaphore(max_waiting)
        self.absent: OrderedDict[str, float] = OrderedDict()

    def get(self, kid: str) -> list[VerificationKey]:
        """Return the keys called `kid`; none if the source has no such key.

        Raises KeysUnavailable if the source cannot be asked, and django.db.Error if it is a table: 503, not 401.
        """
        if kid not in self.keys and self.store:
            self.restore(self.store)
        if kid in self.keys:
            if time.monotonic() - self.loaded_at > FRESH_SECONDS:
                self.refresh()
        elif not self.is_absent(kid):
            self.wait_for(kid)
        if self.store:
            self.store.save()
        return self.keys.get(kid, [])

    def restore(self, store: KeyStore) -> None:
        """Take over the keys that another process, or an earlier one, has kept, if they are newer than these."""
        store.save()
        with self.restoring:  # Callers wait for the query of the first one, and until its keys are there.
            stored = store.read()
            if stored and time.monotonic() - stored.age_seconds > self.loaded_at:
                self.keys = keys_by_kid(stored.jwks)
                self.loaded_at = time.monotonic() - stored.age_seconds

    def refresh(self) -> Load:
        """Return the load that runs, or start one. Soon after one that failed, return that one."""
        with self.lock:
            latest = self.latest
            if latest and (latest.is_running() or latest.has_just_failed()):
                return latest
            begins_at = latest.started_at + self.interval_seconds if latest else 0.0
            self.latest = load = Load()
        if self.is_background:
            threading.Thread(target=self.run, args=(load, begins_at), name="jwks", daemon=True).start()
        else:
            self.run(load, begins_at)
        return load

    def run(self, load: Load, begins_at: float) -> None:
        """Load the keys when it is time. If the source is unavailable, keep those that are cached."""
        time.sleep(max(0.0, begins_at - time.monotonic()))
        load.started_at = time.monotonic()
        failure: Exception | None = None
        try:
            jwks = self.load()
            if load is self.latest:
                self.keys, self.loaded_at = keys_by_kid(jwks), load.started_at
                if self.store:
                    self.store.offer(jwks)
        except SOURCE_UNAVAILABLE as error:
            logger.warning("Better Auth's public keys could not be fetched: %s", error)
            failure = KeysUnavailable()
        except Exception as error:  # noqa: BLE001  Callers that wait for the load get it.
            failure = error
        if failure:
            load.failed_at = time.monotonic()  # Set first, so that callers see it with the result.
            load.done.set_exception(failure)
        else:
            load.done.set_result(None)

    def wait_for(self, kid: str) -> None:
        """Wait for a load that began after this call. Raises KeysUnavailable, or django.db.Error."""
        arrived_at = time.monotonic()
        if not self.waiting.acquire(blocking=False):
            raise KeysUnavailable
        try:
            while kid not in self.keys:
                load = self.refresh()
                load.done.result(arrived_at + WAIT_SECONDS - time.monotonic())
                if load.started_at >= arrived_at:
                    break
        except TimeoutError as error:
            if kid not in self.keys:  # Another process may have stored it in the meantime.
                raise KeysUnavailable from error
        finally:
            self.waiting.release()
        if kid not in self.keys:
            self.remember_absent(kid)

    def is_absent(self, kid: str) -> bool:
        return time.monotonic() < self.absent.get(kid, 0.0)

    def remember_absent(self, kid: str) -> None:
        with self.lock:
            self.absent[kid] = time.monotonic() + ABSENT_SECONDS
            self.absent.move_to_end(kid)
            if len(self.absent) > MAX_ABSENT:
                self.absent.popitem(last=False)

"""The public keys of Better Auth's jwt plugin: read, kept, and refreshed without a request waiting in vain."""

import contextlib
import functools
import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPException, HTTPResponse
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from accounts.jwk import Keys, keys_of
from accounts.models import Jwk
from accounts.token_backends import PublicKeyBackend

logger = logging.getLogger(__name__)

FETCH_TIMEOUT_SECONDS = 2.0
LARGEST_DOCUMENT = 1024 * 1024
FRESH_SECONDS = 300.0
COOLDOWN_SECONDS = 3.0
WAIT_SECONDS = 5.0
MOST_WAITING = 4
TABLE = "table"
# Of urllib, of http.client, of what is no JWK Set, and of JSON that is nested without end.
SOURCE_IS_AWAY = (OSError, HTTPException, ValueError, RecursionError)
GRACE_PERIOD = timedelta(days=30)  # Better Auth's default of `gracePeriod`.


def from_table() -> Keys:
    """The keys in Better Auth's own table, where it shares this database. Private keys are not read.

    Rows are never deleted: a key that was replaced counts as long as Better Auth itself publishes it.
    """
    rows = Jwk.objects.values_list("id", "public_key", "alg", "crv").exclude(expires_at__lte=Now() - GRACE_PERIOD)
    return keys_of(jwk_of_row(*row) for row in rows)


def jwk_of_row(kid: str, public_key: str, alg: str | None, crv: str | None) -> Any:
    """The JWK of a row: its JSON has neither `kid` nor `alg`, which the endpoint adds from the columns."""
    try:
        jwk = json.loads(public_key)
    except (ValueError, RecursionError):
        return None
    return {**jwk, "kid": kid, **({"alg": alg} if alg else {})} if isinstance(jwk, dict) else None


def from_url(url: str) -> Keys:
    """The keys that Better Auth publishes at `url`. Raises OSError or ValueError where it does not, or not soon."""
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "todo-api"})  # noqa: S310  settings.py lets http and https through alone
    with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_SECONDS) as response:  # noqa: S310  as above
        document = json.loads(read_soon(response))
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no JWK Set")
    return keys_of(document["keys"])


def read_soon(response: HTTPResponse) -> bytes:
    """The body, unless it is too large or too slow: the timeout of a socket is one of each packet, not of them all."""
    deadline = time.monotonic() + FETCH_TIMEOUT_SECONDS
    content = bytearray()
    while packet := response.read1(LARGEST_DOCUMENT):
        content += packet
        if len(content) > LARGEST_DOCUMENT or time.monotonic() > deadline:
            raise ValueError("too large or too slow")
    return bytes(content)


class InlineExecutor(Executor):
    """Does the work at once, in the thread that asks."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` now."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class KeySet:
    """The keys of one source by `kid`, kept while they are fresh and, while the source is down, beyond that.

    At most one load runs at a time, and none begins within COOLDOWN_SECONDS of the last, whatever unknown `kid`s
    come. A caller with a known `kid` never waits; one with an unknown `kid` waits for the load that may bring it,
    of those at most MOST_WAITING at once after the first load: a flood of them must not take every thread.

    wait_seconds: how long a caller waits for a load; None where the load has a time limit that callers can wait for.
    """

    def __init__(
        self, load: Callable[[], Keys], executor: Executor, *, wait_seconds: float | None = WAIT_SECONDS
    ) -> None:
        self.load = load
        self.executor = executor
        self.wait_seconds = wait_seconds
        self.keys: Keys = {}
        self.loaded_at = float("-inf")
        self.attempted_at = float("-inf")
        self.loading: Future[None] | None = None
        self.lock = threading.Lock()  # Held for the few lines that look at the fields, never during a load.
        self.waiting = threading.BoundedSemaphore(MOST_WAITING)

    def get(self, kid: str) -> list[PublicKeyBackend]:
        """What verifies under the key `kid`; nothing where the source has no such key, or cannot be asked.

        Raises django.db.Error where the source is the table and the database is away: that is a 503, not a 401.
        """
        if kid in self.keys:
            if time.monotonic() - self.loaded_at > FRESH_SECONDS:
                self.refresh()
        else:
            self.wait_for(self.refresh())
        return self.keys.get(kid, [])

    def refresh(self) -> Future[None]:
        """The load that runs, begun now where none does. Within the cooldown it is the last one, failed or not."""
        with self.lock:
            is_cooling_down = time.monotonic() - self.attempted_at < COOLDOWN_SECONDS
            if self.loading and (is_cooling_down or not self.loading.done()):
                return self.loading
            self.loading = loading = Future[None]()
        self.executor.submit(self.run, loading)
        return loading

    def run(self, loading: Future[None]) -> None:
        """Load the keys, or keep those that are there where the source is away."""
        failure: Exception | None = None
        try:
            self.keys = self.load()
            self.loaded_at = time.monotonic()
        except SOURCE_IS_AWAY as error:
            logger.warning("Better Auth's public keys could not be fetched: %s", error)
        except Exception as error:  # noqa: BLE001  whoever waits for the load is told.
            failure = error
        self.attempted_at = time.monotonic()  # Before the load is done: who sees that it is sees the cooldown too.
        if failure:
            loading.set_exception(failure)
        else:
            loading.set_result(None)

    def wait_for(self, load: Future[None]) -> None:
        """Wait until `load` is done, as one of a bounded number after the first load. Raises what it failed with."""
        is_first = self.attempted_at == float("-inf")
        if load.done() or is_first:
            self.result_of(load)
        elif self.waiting.acquire(blocking=False):
            try:
                self.result_of(load)
            finally:
                self.waiting.release()

    def result_of(self, load: Future[None]) -> None:
        """Wait for `load` itself; one that takes too long brought nothing yet."""
        with contextlib.suppress(TimeoutError):
            load.result(self.wait_seconds)


@functools.cache
def key_set(source: str) -> KeySet:
    """The keys of `source`: TABLE, or the address of a JWK Set."""
    if source == TABLE:
        return KeySet(from_table, InlineExecutor(), wait_seconds=None)
    return KeySet(functools.partial(from_url, source), ThreadPoolExecutor(1, thread_name_prefix="jwks"))


def current_keys() -> KeySet | None:
    """The key set of the settings; None where public-key tokens are switched off."""
    return key_set(settings.BETTER_AUTH_KEYS) if settings.BETTER_AUTH_KEYS else None

"""The public keys of Better Auth's jwt plugin: fetched, cached and refreshed."""

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
from django.db import ProgrammingError
from django.db.models.functions import Now
from psycopg.errors import UndefinedTable

from accounts.models import Jwk
from accounts.tokens.jwk import Keys, keys_by_kid
from accounts.tokens.jwt import VerificationKey

logger = logging.getLogger(__name__)

FETCH_TIMEOUT_SECONDS = 2.0
MAX_DOCUMENT_BYTES = 1024 * 1024
FRESH_SECONDS = 300.0
COOLDOWN_SECONDS = 3.0
WAIT_SECONDS = 5.0
MAX_WAITING = 4
TABLE = "table"
# Raised by urllib, by http.client, for anything that is not a JWK Set, and for deeply nested JSON.
SOURCE_UNAVAILABLE = (OSError, HTTPException, ValueError, RecursionError)
GRACE_PERIOD = timedelta(days=30)  # Better Auth's default of `gracePeriod`.


def from_table() -> Keys:
    """Return the keys of Better Auth's own table, if it shares this database. Private keys are not read.

    Better Auth never deletes rows: a replaced key is valid for as long as Better Auth publishes it.
    """
    rows = Jwk.objects.values_list("id", "public_key", "alg", "crv").exclude(expires_at__lte=Now() - GRACE_PERIOD)
    try:
        return keys_by_kid(jwk_of_row(*row) for row in rows)
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedTable):  # Better Auth has no jwt plugin.
            return {}
        raise


def jwk_of_row(kid: str, public_key: str, alg: str | None, crv: str | None) -> Any:
    """Return the JWK of a row. Its JSON has neither `kid` nor `alg`; the JWKS endpoint adds them from the columns."""
    try:
        jwk = json.loads(public_key)
    except (ValueError, RecursionError):
        return None
    return {**jwk, "kid": kid, **({"alg": alg} if alg else {})} if isinstance(jwk, dict) else None


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: whoever controls one could publish keys of their own."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None  # urllib then raises HTTPError with the status of the redirect.


opener = urllib.request.build_opener(NoRedirects)


def from_url(url: str) -> Keys:
    """Return the keys that Better Auth publishes at `url`. Raises one of SOURCE_UNAVAILABLE."""
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "todo-api"})  # noqa: S310  The settings only accept http and https.
    with opener.open(request, timeout=FETCH_TIMEOUT_SECONDS) as response:
        document = json.loads(read_with_deadline(response))
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK Set")
    return keys_by_kid(document["keys"])


def read_with_deadline(response: HTTPResponse) -> bytes:
    """Return the body. Raises ValueError if it is too large or too slow: a socket's timeout applies to each packet."""
    deadline = time.monotonic() + FETCH_TIMEOUT_SECONDS
    content = bytearray()
    while packet := response.read1(MAX_DOCUMENT_BYTES):
        content += packet
        if len(content) > MAX_DOCUMENT_BYTES or time.monotonic() > deadline:
            raise ValueError("too large or too slow")
    return bytes(content)


class InlineExecutor(Executor):
    """Runs work immediately, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class KeySet:
    """The keys of one source by `kid`, cached while they are fresh and, while the source is unavailable, for longer.

    At most one load runs at a time, and none starts within COOLDOWN_SECONDS of the last, even if unknown `kid`s come. A
    caller with a known `kid` never waits. One with an unknown `kid` waits for the load that may bring it; after the
    first load at most MAX_WAITING do so at once, so that a flood of them cannot take every thread.

    wait_seconds: how long a caller waits for a load; None if the load itself has a time limit.
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
        self.waiting = threading.BoundedSemaphore(MAX_WAITING)

    def get(self, kid: str) -> list[VerificationKey]:
        """Return the keys called `kid`; none if the source has no such key, or is unavailable.

        Raises django.db.Error if the source is the table and the database is unavailable: that is 503, not 401.
        """
        if kid in self.keys:
            if time.monotonic() - self.loaded_at > FRESH_SECONDS:
                self.refresh()
        else:
            self.wait_for(self.refresh())
        return self.keys.get(kid, [])

    def refresh(self) -> Future[None]:
        """Return the running load, or start one. Within the cooldown, return the last one, even if it failed."""
        with self.lock:
            is_cooling_down = time.monotonic() - self.attempted_at < COOLDOWN_SECONDS
            if self.loading and (is_cooling_down or not self.loading.done()):
                return self.loading
            self.loading = loading = Future[None]()
        self.executor.submit(self.run, loading)
        return loading

    def run(self, loading: Future[None]) -> None:
        """Load the keys; if the source is unavailable, keep those that are cached."""
        failure: Exception | None = None
        try:
            self.keys = self.load()
            self.loaded_at = time.monotonic()
        except SOURCE_UNAVAILABLE as error:
            logger.warning("Better Auth's public keys could not be fetched: %s", error)
        except Exception as error:  # noqa: BLE001  Callers that wait for the load get it.
            failure = error
        self.attempted_at = time.monotonic()  # Set first, so that callers see the cooldown with the result.
        if failure:
            loading.set_exception(failure)
        else:
            loading.set_result(None)

    def wait_for(self, load: Future[None]) -> None:
        """Wait until `load` is done; after the first load, a bounded number of callers do. Raises its error."""
        is_first = self.attempted_at == float("-inf")
        if load.done() or is_first:
            self.result_of(load)
        elif self.waiting.acquire(blocking=False):
            try:
                self.result_of(load)
            finally:
                self.waiting.release()

    def result_of(self, load: Future[None]) -> None:
        """Wait for `load`, up to `wait_seconds`."""
        with contextlib.suppress(TimeoutError):
            load.result(self.wait_seconds)


@functools.cache
def key_set(source: str) -> KeySet:
    """Return the key set of `source`: TABLE, or the URL of a JWK Set."""
    if source == TABLE:
        return KeySet(from_table, InlineExecutor(), wait_seconds=None)
    return KeySet(functools.partial(from_url, source), ThreadPoolExecutor(1, thread_name_prefix="jwks"))


def current_keys() -> KeySet | None:
    """Return the key set of the settings; None if public-key tokens are switched off."""
    return key_set(settings.BETTER_AUTH_KEYS) if settings.BETTER_AUTH_KEYS else None

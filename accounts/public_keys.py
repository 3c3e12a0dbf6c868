"""The public keys of Better Auth's jwt plugin: read, kept, and refreshed without a request waiting in vain."""

import contextlib
import functools
import json
import logging
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPException, HTTPResponse
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.db.models.functions import Now

from accounts.models import Jwk
from accounts.token_backends import PublicKeyBackend

logger = logging.getLogger(__name__)

type Keys = Mapping[str, list[PublicKeyBackend]]

FETCH_TIMEOUT_SECONDS = 2.0
LARGEST_DOCUMENT = 1024 * 1024
FRESH_SECONDS = 300.0
COOLDOWN_SECONDS = 3.0
WAIT_SECONDS = 5.0
MOST_WAITING = 4
TABLE = "table"
# Of urllib, of http.client, of what is no JWK Set, and of JSON that is nested without end.
SOURCE_IS_AWAY = (OSError, HTTPException, ValueError, RecursionError)
SMALLEST_RSA_BITS = 2048
ED25519_PRIME = 2**255 - 19
ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
GRACE_PERIOD = timedelta(days=30)  # Better Auth's default of `gracePeriod`.

# The algorithm is the key's. A key that names none has that of its curve; an RSA key that names none may be either.
ALGORITHMS: dict[tuple[Any, Any], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("EdDSA",),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", None): ("RS256", "PS256"),
}
OTHER_NAMES = {"Ed25519": "EdDSA"}  # RFC 9864 renames it.


def backends_of(jwk: Any) -> list[PublicKeyBackend]:
    """What verifies under `jwk` (RFC 7517): none where it is not a public key for signatures of a kind we know."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or "d" in jwk or "k" in jwk:
        return []
    try:
        if "verify" not in list(jwk.get("key_ops", ["verify"])):
            return []
        kind = (jwk.get("kty"), None if jwk.get("kty") == "RSA" else jwk.get("crv"))
        algorithms = ALGORITHMS.get(kind, ())
        named = jwk.get("alg")
        if named is not None:
            algorithms = tuple(name for name in algorithms if name == OTHER_NAMES.get(named, named))
        return [PublicKeyBackend(name, verifying_key=public_key(jwk, name)) for name in algorithms]
    except (jwt.PyJWTError, ValueError, TypeError):  # What cannot be read is no key; the others of its set are.
        return []


def public_key(jwk: dict[str, Any], algorithm: str) -> Any:
    """The key in `jwk`, ready to verify. Raises InvalidKeyError or ValueError."""
    key = jwt.PyJWK({**jwk, "alg": algorithm}).key
    if isinstance(key, RSAPublicKey) and key.key_size < SMALLEST_RSA_BITS:
        raise ValueError("RSA keys of fewer bits can be factored (RFC 7518, section 3.3)")
    if isinstance(key, Ed25519PublicKey) and is_weak(key):
        raise ValueError("everybody can sign for such a point (RFC 8725, section 3.4)")
    return key


def is_weak(key: Ed25519PublicKey) -> bool:
    """Whether `key` is one of the few points of small order, for which OpenSSL takes a signature that needs no key."""
    y = int.from_bytes(key.public_bytes_raw(), "little") % 2**255 % ED25519_PRIME
    return y in {0, 1, ED25519_PRIME - 1, ORDER_EIGHT, ED25519_PRIME - ORDER_EIGHT}


def keys_of(jwks: Iterable[Any]) -> Keys:
    """The usable keys by their `kid`. A `kid` of two keys names neither."""
    named = [jwk for jwk in jwks if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str)]
    times = Counter(jwk["kid"] for jwk in named)
    return {jwk["kid"]: backends for jwk in named if times[jwk["kid"]] == 1 and (backends := backends_of(jwk))}


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

"""The public keys of Better Auth's jwt plugin: read, kept, and refreshed without a request waiting in vain."""

import functools
import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from http.client import HTTPException
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

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
SOURCE_IS_AWAY = (OSError, HTTPException, ValueError)  # Of urllib, of http.client, of what is no JWK Set.
SMALLEST_RSA_BITS = 2048

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
    if "verify" not in jwk.get("key_ops", ["verify"]):
        return []
    kind = (jwk.get("kty"), None if jwk.get("kty") == "RSA" else jwk.get("crv"))
    algorithms = ALGORITHMS.get(kind, ())
    named = jwk.get("alg")
    if named is not None:
        algorithms = tuple(name for name in algorithms if name == OTHER_NAMES.get(named, named))
    try:
        return [PublicKeyBackend(name, verifying_key=public_key(jwk, name)) for name in algorithms]
    except (jwt.PyJWTError, ValueError, TypeError):
        return []


def public_key(jwk: dict[str, Any], algorithm: str) -> Any:
    """The key in `jwk`, ready to verify. Raises InvalidKeyError or ValueError."""
    key = jwt.PyJWK({**jwk, "alg": algorithm}).key
    if isinstance(key, RSAPublicKey) and key.key_size < SMALLEST_RSA_BITS:
        raise ValueError("RSA keys of fewer bits can be factored (RFC 7518, section 3.3)")
    return key


def keys_of(jwks: Iterable[Any]) -> Keys:
    """The usable keys by their `kid`."""
    return {
        jwk["kid"]: backends
        for jwk in jwks
        if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str) and (backends := backends_of(jwk))
    }


def from_table() -> Keys:
    """The keys in Better Auth's own table, where it shares this database. Private keys are not read."""
    rows = Jwk.objects.values_list("id", "public_key", "alg", "crv")
    return keys_of(jwk_of_row(*row) for row in rows)


def jwk_of_row(kid: str, public_key: str, alg: str | None, crv: str | None) -> Any:
    """The JWK of a row: its JSON has neither `kid` nor `alg`, which the endpoint adds from the columns."""
    try:
        jwk = json.loads(public_key)
    except ValueError:
        return None
    return {**jwk, "kid": kid, **({"alg": alg} if alg else {})} if isinstance(jwk, dict) else None


def from_url(url: str) -> Keys:
    """The keys that Better Auth publishes at `url`. Raises OSError or ValueError where it does not."""
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "todo-api"})  # noqa: S310  settings.py lets http and https through alone
    with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_SECONDS) as response:  # noqa: S310  as above
        document = json.loads(response.read(LARGEST_DOCUMENT))
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no JWK Set")
    return keys_of(document["keys"])


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
    of those at most MOST_WAITING at once where there are keys already: a flood of them must not take every thread.
    """

    def __init__(self, load: Callable[[], Keys], executor: Executor) -> None:
        self.load = load
        self.executor = executor
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
        elif load := self.refresh():
            self.wait_for(load)
        return self.keys.get(kid, [])

    def refresh(self) -> Future[None] | None:
        """The load that runs, begun now where none does; None within the cooldown of the last."""
        with self.lock:
            if self.loading and not self.loading.done():
                return self.loading
            if time.monotonic() - self.attempted_at < COOLDOWN_SECONDS:
                return None
            self.loading = loading = Future[None]()
        self.executor.submit(self.run, loading)
        return loading

    def run(self, loading: Future[None]) -> None:
        """Load the keys, or keep those that are there where the source is away."""
        try:
            self.keys = self.load()
            self.loaded_at = time.monotonic()
        except SOURCE_IS_AWAY as error:
            logger.warning("Better Auth's public keys could not be fetched: %s", error)
        except Exception as error:  # noqa: BLE001  whoever waits for the load is told.
            loading.set_exception(error)
        self.attempted_at = time.monotonic()
        if not loading.done():
            loading.set_result(None)

    def wait_for(self, load: Future[None]) -> None:
        """Wait until `load` is done, as one of a bounded number where there are keys already."""
        if not self.keys:
            load.result(WAIT_SECONDS)
        elif self.waiting.acquire(blocking=False):
            try:
                load.result(WAIT_SECONDS)
            finally:
                self.waiting.release()


@functools.cache
def key_set(source: str) -> KeySet:
    """The keys of `source`: TABLE, or the address of a JWK Set."""
    if source == TABLE:
        return KeySet(from_table, InlineExecutor())
    return KeySet(functools.partial(from_url, source), ThreadPoolExecutor(1, thread_name_prefix="jwks"))


def current_keys() -> KeySet | None:
    """The key set of the settings; None where public-key tokens are switched off."""
    return key_set(settings.BETTER_AUTH_KEYS) if settings.BETTER_AUTH_KEYS else None

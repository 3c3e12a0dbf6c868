"""JSON Web Keys (RFC 7517): which of them verify signatures here, and under which algorithm."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from accounts.token_backends import PublicKeyBackend

type Keys = Mapping[str, list[PublicKeyBackend]]

SMALLEST_RSA_BITS = 2048
ED25519_PRIME = 2**255 - 19
ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7

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

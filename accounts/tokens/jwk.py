"""JSON Web Keys (RFC 7517): which of them verify signatures, and with which algorithm."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from accounts.tokens.jwt import VerificationKey

type Keys = Mapping[str, list[VerificationKey]]

MIN_RSA_BITS = 2048
ED25519_PRIME = 2**255 - 19
ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7

# The algorithm belongs to the key. A key without `alg` has that of its curve; an RSA key without it may have either.
ALGORITHMS: dict[tuple[Any, Any], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("EdDSA",),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", None): ("RS256", "PS256"),
}
ALIASES = {"Ed25519": "EdDSA"}  # Its name in RFC 9864.


def verification_keys(jwk: Any) -> list[VerificationKey]:
    """Return the keys of a JWK; none if it is not a public key for signatures of a kind that is supported."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or "d" in jwk or "k" in jwk:
        return []
    try:
        if "verify" not in list(jwk.get("key_ops", ["verify"])):
            return []
        kind = (jwk.get("kty"), None if jwk.get("kty") == "RSA" else jwk.get("crv"))
        algorithms = ALGORITHMS.get(kind, ())
        named = jwk.get("alg")
        if named is not None:
            algorithms = tuple(name for name in algorithms if name == ALIASES.get(named, named))
        return [VerificationKey(name, public_key(jwk, name)) for name in algorithms]
    except (jwt.PyJWTError, ValueError, TypeError):  # An unreadable key is ignored; the others of its set are not.
        return []


def public_key(jwk: dict[str, Any], algorithm: str) -> Any:
    """Return the public key of `jwk`. Raises InvalidKeyError or ValueError."""
    key = jwt.PyJWK({**jwk, "alg": algorithm}).key
    if isinstance(key, RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise ValueError("RSA keys need at least 2048 bits (RFC 7518, section 3.3)")
    if isinstance(key, Ed25519PublicKey) and is_weak(key):
        raise ValueError("points of small order accept signatures without a key (RFC 8725, section 3.4)")
    return key


def is_weak(key: Ed25519PublicKey) -> bool:
    """Return whether `key` is a point of small order, for which OpenSSL accepts a signature made without a key."""
    y = int.from_bytes(key.public_bytes_raw(), "little") % 2**255 % ED25519_PRIME
    return y in {0, 1, ED25519_PRIME - 1, ORDER_EIGHT, ED25519_PRIME - ORDER_EIGHT}


def keys_by_kid(jwks: Iterable[Any]) -> Keys:
    """Return the usable keys by their `kid`. A `kid` that occurs twice identifies neither key."""
    named = [jwk for jwk in jwks if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str)]
    times = Counter(jwk["kid"] for jwk in named)
    return {jwk["kid"]: keys for jwk in named if times[jwk["kid"]] == 1 and (keys := verification_keys(jwk))}

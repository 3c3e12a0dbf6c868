"""Tokens of every kind that Better Auth signs, made afresh, and the parts of those that it never would."""

import base64
import functools
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Jwk, Session, User
from accounts.tokens.jwks import key_set
from tests.support.environment import SECRET
from tests.support.people import Answer, Person

type JSON = dict[str, Any]

ORIGIN = "https://app.example.com"
RESOURCE = "https://api.example.com"
SESSION_CACHE_TYPE = "better-auth.session-cache+jwt"
EMAIL = "ada@example.com"
RAW = "a1B2c3D4" * 4
ALGORITHMS = ("EdDSA", "ES256", "ES512", "RS256", "PS256")

# RFC 6750, section 3: what may stand between the quotes has no quote, no backslash and no control character.
CHALLENGE = re.compile(
    r'Bearer realm="[ !#-\[\]-~]+"(, error="invalid_token", error_description="(?P<why>[ !#-\[\]-~]+)")?'
    r'(, resource_metadata="https?://[!#-\[\]-~]+")?'
)


class Clock:
    """The time, which a test can put forward. It stands in for the module `time`."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead

    def monotonic(self) -> float:
        """Seconds since an arbitrary point in time."""
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Put the time forward instead of waiting."""
        self.ahead += seconds


def now(seconds: float = 0) -> int:
    """That many seconds from now, as a NumericDate."""
    return int(time.time() + seconds)


def part(content: bytes | JSON) -> str:
    """base64url without padding, of bytes or of JSON."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    """What a part of a token holds."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def given(claims: JSON) -> JSON:
    """`claims` without those that are `...`."""
    return {name: value for name, value in claims.items() if value is not ...}


def minted(**changes: Any) -> JSON:
    """The claims of a token that an app mints under the shared secret; `...` leaves one out."""
    return given({"sub": "ada", "iat": now(), "exp": now(300), **changes})


def plugin(**changes: Any) -> JSON:
    """The claims of a token of the jwt plugin; `...` leaves one out."""
    return minted(**{"iss": ORIGIN, "aud": ORIGIN, "email": EMAIL, "name": "Ada", **changes})


def access(**changes: Any) -> JSON:
    """The claims of an access token of the OAuth provider, for reading tasks; `...` leaves one out."""
    claims = {
        "iss": f"{ORIGIN}/api/auth",
        "aud": RESOURCE,
        "client_id": "cli",
        "azp": "cli",
        "scope": "tasks:read",
        "jti": "1",
    }
    return minted(**{**claims, **changes})


def cache_by_key(**changes: Any) -> JSON:
    """The claims of a session cache that a key pair has signed."""
    claims = {"iss": ORIGIN, "aud": "better-auth:session-cache", "sub": "ada", "sid": RAW}
    return session_cache(**{**claims, **changes})


def session_cache(*, session: Any = None, user: Any = None, **changes: Any) -> JSON:
    """The claims of Better Auth's cookie cache, with changes to itself and, where they are objects, inside its two."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ends = (datetime.now(UTC) + timedelta(days=7)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said_of_session = {"id": "s1", "token": RAW, "userId": "ada", "expiresAt": ends, "createdAt": moment}
    said_of_user = {"id": "ada", "email": EMAIL, "name": "Ada", "emailVerified": True, "createdAt": moment}
    return minted(
        **{
            "sub": ...,
            "session": changed(said_of_session, session),
            "user": changed(said_of_user, user),
            "updatedAt": now() * 1000,
            "version": "1",
            **changes,
        }
    )


def changed(said: JSON, change: Any) -> Any:
    """`said` with the fields of `change`; what is not an object stands in its place."""
    return given({**said, **(change or {})}) if change is None or isinstance(change, dict) else change


def by_secret(
    claims: JSON | bytes, *, header: JSON | bytes | None = None, secret: str | bytes = SECRET, digest: str = "sha256"
) -> str:
    """A token of any header and payload whose HMAC is right."""
    signed = f"{part(header or {'alg': 'HS256'})}.{part(claims)}"
    return f"{signed}.{mac_of(signed, secret, digest)}"


def mac_of(signed: str, secret: str | bytes = SECRET, digest: str = "sha256") -> str:
    """The signature part over any text."""
    return part(hmac.digest(secret if isinstance(secret, bytes) else secret.encode(), signed.encode(), digest))


@dataclass(frozen=True)
class Key:
    """A key pair of the jwt plugin."""

    kid: str
    algorithm: str
    private: Any

    @property
    def public(self) -> JSON:
        """The public JWK as Better Auth writes it into its table: without `kid` and `alg`."""
        jwk = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key(), as_dict=True)
        return {name: value for name, value in jwk.items() if name not in {"key_ops", "kid", "alg"}}

    @property
    def published(self) -> JSON:
        """The public JWK as Better Auth's endpoint shows it."""
        return {"alg": self.algorithm, **self.public, "kid": self.kid}

    def token(self, claims: JSON | bytes | None = None, **header: Any) -> str:
        """A token that this key has signed, whatever its header says."""
        said = given({"alg": self.algorithm, "kid": self.kid, **header})
        signed = f"{part(said)}.{part(plugin() if claims is None else claims)}"
        signature = jwt.get_algorithm_by_name(self.algorithm).sign(signed.encode(), self.private)
        return f"{signed}.{part(signature)}"

    def write(self, *, public: JSON | None = None, **columns: Any) -> None:
        """The row of this key in Better Auth's table, with `public` added to its JWK."""
        text = json.dumps({**self.public, **(public or {})})
        row = {"public_key": text, "private_key": "-", "created_at": timezone.now(), "alg": self.algorithm, **columns}
        Jwk.objects.create(id=self.kid, **row)


@functools.cache
def key(algorithm: str, kid: str = "") -> Key:
    """A key pair for `algorithm`, the same one for the same `kid`."""
    make: dict[str, Callable[[], Any]] = {
        "EdDSA": Ed25519PrivateKey.generate,
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "PS256": lambda: rsa.generate_private_key(65537, 2048),
    }
    private: Any = make[algorithm]()
    return Key(kid or f"kid-{algorithm}", algorithm, private)


def signed_session(token: str = RAW, *, secret: str = SECRET) -> str:
    """A session token as the cookie and `set-auth-token` have it."""
    return f"{token}.{base64.b64encode(hmac.digest(secret.encode(), token.encode(), 'sha256')).decode()}"


def share_database(settings: Settings) -> Session:
    """Better Auth's rows are in this database: Ada and her session `s1`."""
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]
    settings.BETTER_AUTH_KEYS = "table"
    key_set.cache_clear()
    ada = User.objects.create(id="ada", name="Ada", email=EMAIL, email_verified=True)
    return sign_in(ada, "s1", RAW)


def sign_in(user: User, session_id: str, token: str) -> Session:
    """A session of `user` for a week."""
    moment = timezone.now()
    ends = moment + timedelta(days=7)
    return Session.objects.create(id=session_id, token=token, user=user, expires_at=ends, updated_at=moment)


def answer_to(token: str, **headers: Any) -> Answer:
    """What /api/me answers to whoever brings `token`."""
    return Person("ada", token).get("/api/me", **headers)


def assert_login(answer: Answer, user_id: str = "ada") -> None:
    """It is the answer to that user."""
    assert answer.status == 200, answer.content
    assert answer.json["id"] == user_id


def assert_refused(answer: Answer, error_code: str = "INVALID_TOKEN") -> None:
    """It is a 401 with that code, a reason, and a well-formed challenge that says the same."""
    assert answer.error == (401, error_code), answer.content
    challenge = CHALLENGE.fullmatch(answer.headers["WWW-Authenticate"])
    assert challenge, answer.headers["WWW-Authenticate"]
    assert challenge["why"] == (None if error_code == "NOT_AUTHENTICATED" else answer.json["detail"])
    assert SECRET not in f"{answer.headers}{answer.content!r}"

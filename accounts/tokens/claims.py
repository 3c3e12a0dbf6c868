"""The claims of verified JWTs: whether they are valid now and for this API, and whom they name.

Three kinds of JWT are signed with Better Auth's secret: tokens that an app mints (`sub`), the session cache (`session`
and `user`, no `sub`), and email-verification links (`email`, perhaps `userId`), which are not logins. So only `sub`, or
the complete session cache, names a user.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.caller import Caller, Login, SessionReference
from accounts.exceptions import InvalidToken, TokenExpired

MAX_ID_LENGTH = 255
MAX_TEXT_LENGTH = 500  # Emails are indexed, and PostgreSQL cannot index more than 2704 bytes.
VERIFICATION_CLAIMS = frozenset({"requestType", "updateTo"})
MAX_TIMESTAMP = 253_402_300_799  # The end of the year 9999, the last that both Python and PostgreSQL can represent.
PARTIES = {"iss": "issuer", "aud": "audience"}

type Claims = Mapping[str, Any]


def check_claims(claims: Claims, *, names_parties: bool) -> None:
    """Raise TokenExpired or InvalidToken unless `claims` are valid now and for this API.

    names_parties: whether the token must name its issuer and audience.
    """
    check_times(claims)
    check_party(claims, "iss", settings.BETTER_AUTH_ISSUER, required=names_parties)
    check_party(claims, "aud", settings.BETTER_AUTH_AUDIENCE, required=names_parties)


def check_times(claims: Claims) -> None:
    """Raise TokenExpired or InvalidToken unless `claims` are valid now. `exp` is required (RFC 7519, section 4.1)."""
    now, leeway = datetime.now(UTC).timestamp(), settings.JWT_LEEWAY_SECONDS
    if "exp" not in claims:
        raise InvalidToken("The token has no expiry (exp).")
    for name in ("exp", "nbf", "iat"):
        if name in claims and not is_timestamp(claims[name]):
            raise InvalidToken(f"The token's `{name}` claim is not a valid timestamp.")
    if claims["exp"] <= now - leeway:
        raise TokenExpired
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + leeway:
        raise InvalidToken("The token is not valid yet.")


def is_timestamp(value: object) -> bool:
    """Return whether `value` is a NumericDate: seconds since 1970. False for NaN, which compares with nothing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TIMESTAMP


def check_party(claims: Claims, name: str, accepted: Collection[str], *, required: bool) -> None:
    """Raise InvalidToken unless the `iss` or `aud` of `claims` is one of `accepted`; an empty `accepted` takes any.

    required: whether the token must name it. A token signed with the shared secret need not, but if it does, the name
    must be accepted.
    """
    if name not in claims:
        if required:
            raise InvalidToken(f"The token names no {PARTIES[name]} ({name}).")
    elif accepted and named_parties(name, claims[name]).isdisjoint(accepted):
        raise InvalidToken(f"The token's {PARTIES[name]} ({name}) is not accepted here.")


def named_parties(name: str, value: object) -> set[str]:
    """Return the parties in a claim: one issuer, or one audience or a list of them; none if it is anything else."""
    if isinstance(value, str):
        return {value}
    if name == "aud" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return set(value)
    return set()


def login_from_claims(claims: Claims) -> Login:
    """Return the user that verified `claims` name, and the session if they name one. Raises InvalidToken."""
    if not VERIFICATION_CLAIMS.isdisjoint(claims):
        raise InvalidToken("The token is an email verification, not a login.")
    if "sub" in claims:
        return login(claims["sub"], claims, claims["exp"], session=session_id(claims))
    session, user, ends_at = session_cache(claims)
    exp = min(claims["exp"], ends_at.timestamp())
    return login(user.get("id"), user, exp, session=SessionReference("token", session["token"]))


def login(user_id: object, user: Claims, exp: float, *, session: SessionReference | None) -> Login:
    """user: what the token says about the user."""
    if not isinstance(user_id, str) or not is_id(user_id):
        raise InvalidToken("The token names no user.")
    caller = Caller(
        id=user_id,
        email=text_or_none(user.get("email")),
        name=text_or_none(user.get("name")),
        created_at=datetime_or_none(user.get("createdAt")),
        expires_at=datetime.fromtimestamp(exp, UTC),
    )
    return Login(caller, session)


def session_id(claims: Claims) -> SessionReference | None:
    """Return the session that a `sid` claim names: one line of `definePayload` in Better Auth adds it."""
    if "sid" not in claims:
        return None
    if not isinstance(claims["sid"], str) or not is_id(claims["sid"]):
        raise InvalidToken("The token's session id (sid) is malformed.")
    return SessionReference("id", claims["sid"])


def session_cache(claims: Claims) -> tuple[Claims, Claims, datetime]:
    """Return `session` and `user` of a session-cache token, and when the session expires.

    Raises InvalidToken unless both are of one user, and TokenExpired if the session has expired.
    """
    session, user = claims.get("session"), claims.get("user")
    if not isinstance(session, dict) or not isinstance(user, dict) or not isinstance(session.get("token"), str):
        raise InvalidToken("The token names no user (sub).")
    if not is_id(session["token"]):
        raise InvalidToken("The token's session is malformed.")
    if not user.get("id") or session.get("userId") != user["id"]:
        raise InvalidToken("The token's session belongs to another user.")
    expires_at = datetime_or_none(session.get("expiresAt"))
    if expires_at is None:
        raise InvalidToken("The token's session has no valid expiry (expiresAt).")
    if expires_at <= datetime.now(UTC):
        raise TokenExpired("The token's session has ended.")
    return session, user, expires_at


def is_id(text: str) -> bool:
    """Return whether PostgreSQL and URLs can hold `text` as an id: no NUL, no lone surrogate, no white space around."""
    return 0 < len(text) <= MAX_ID_LENGTH and text.isprintable() and text == text.strip()


def text_or_none(value: object) -> str | None:
    """Return `value`, cut to MAX_TEXT_LENGTH, if it is text that PostgreSQL can store."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()[:MAX_TEXT_LENGTH]


def datetime_or_none(value: object) -> datetime | None:
    """Return the time of an ISO 8601 text with a zone, as JavaScript writes dates into JSON."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None

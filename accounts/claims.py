"""What the claims of a verified token say, and which of them are a login.

Three kinds of JWT carry Better Auth's secret: tokens that an app mints (`sub`), the session cache (`session` and
`user`, no `sub`), and email-verification links (`email`, perhaps `userId`), which are no login. So nothing but
`sub` and the whole session-cache shape names a person.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.caller import Caller, Login, SessionReference
from accounts.exceptions import InvalidToken, TokenExpired

LONGEST_ID = 255
LONGEST_TEXT = 500  # Emails are indexed, and an index of PostgreSQL refuses what is longer than 2704 bytes.
VERIFICATION_CLAIMS = frozenset({"requestType", "updateTo"})

# A moment past this is no date: year 9999, the last that Python and PostgreSQL's `timestamptz` both print.
LATEST = 253_402_300_799

type Claims = Mapping[str, Any]


def check_times(claims: Claims, *, leeway_seconds: float) -> None:
    """Raise TokenExpired or InvalidToken unless `claims` hold now. `exp` is required (RFC 7519, section 4.1)."""
    now = datetime.now(UTC).timestamp()
    if "exp" not in claims:
        raise InvalidToken("The token has no expiry (exp).")
    for name in ("exp", "nbf", "iat"):
        if name in claims and not is_moment(claims[name]):
            raise InvalidToken(f"The token's {name} is no moment.")
    if claims["exp"] <= now - leeway_seconds:
        raise TokenExpired
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + leeway_seconds:
        raise InvalidToken("The token is not valid yet.")


def is_moment(value: object) -> bool:
    """Whether `value` is a NumericDate: seconds since 1970, a number that is a date. NaN compares with nothing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST


def check_party(claims: Claims, name: str, accepted: Collection[str], *, required: bool) -> None:
    """Raise InvalidToken unless the `iss` or `aud` of `claims` is one of ours.

    required: whether the token must name it. A token under the shared secret need not, but a foreign one is
    refused all the same. Nothing accepted compares nothing.
    """
    if name not in claims:
        if required:
            raise InvalidToken(f"The token names no {PARTIES[name]} ({name}).")
    elif accepted and named_parties(name, claims[name]).isdisjoint(accepted):
        raise InvalidToken(f"The token's {PARTIES[name]} ({name}) is not accepted here.")


PARTIES = {"iss": "issuer", "aud": "audience"}


def named_parties(name: str, value: object) -> set[str]:
    """The parties that a claim names: one issuer, one audience or a list of them; none where it is anything else."""
    if isinstance(value, str):
        return {value}
    if name == "aud" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return set(value)
    return set()


def login_of(claims: Claims) -> Login:
    """The person and, where they name one, the session in verified `claims`. Raises InvalidToken: no login."""
    if not VERIFICATION_CLAIMS.isdisjoint(claims):
        raise InvalidToken("The token is an email verification, not a login.")
    if "sub" in claims:
        return login(claims["sub"], claims, claims["exp"], session=session_id(claims))
    session, user, ends_at = session_cache(claims)
    exp = min(claims["exp"], ends_at.timestamp())  # Kept in the cache until then, and no longer.
    return login(user.get("id"), user, exp, session=SessionReference("token", session["token"]))


def login(user_id: object, person: Claims, exp: float, *, session: SessionReference | None) -> Login:
    """A login of `user_id`, with what `person` says about them."""
    if not isinstance(user_id, str) or not is_id(user_id):
        raise InvalidToken("The token names no user.")
    caller = Caller(
        id=user_id,
        email=text_or_none(person.get("email")),
        name=text_or_none(person.get("name")),
        created_at=moment_or_none(person.get("createdAt")),
        expires_at=datetime.fromtimestamp(exp, UTC),
    )
    return Login(caller, session)


def session_id(claims: Claims) -> SessionReference | None:
    """The session that a `sid` claim names: one `definePayload` line in Better Auth adds it."""
    if "sid" not in claims:
        return None
    if not isinstance(claims["sid"], str) or not is_id(claims["sid"]):
        raise InvalidToken("The token's session (sid) is no id.")
    return SessionReference("id", claims["sid"])


def session_cache(claims: Claims) -> tuple[Claims, Claims, datetime]:
    """The `session` and `user` of a session-cache token, and when the session ends.

    Raises InvalidToken unless they are of one person, and TokenExpired where the session has ended.
    """
    session, user = claims.get("session"), claims.get("user")
    if not isinstance(session, dict) or not isinstance(user, dict) or not isinstance(session.get("token"), str):
        raise InvalidToken("The token names no user (sub).")
    if not is_id(session["token"]):
        raise InvalidToken("The token's session is no session.")
    if not user.get("id") or session.get("userId") != user["id"]:
        raise InvalidToken("The token's session is another user's.")
    expires_at = moment_or_none(session.get("expiresAt"))
    if expires_at is None:
        raise InvalidToken("The token's session has no end (expiresAt).")
    if expires_at <= datetime.now(UTC):
        raise TokenExpired("The token's session has ended.")
    return session, user, expires_at


def is_id(text: str) -> bool:
    """Whether `text` can be an id: PostgreSQL stores no NUL and UTF-8 no lone surrogate."""
    return 0 < len(text) <= LONGEST_ID and text.isprintable() and text == text.strip()


def text_or_none(value: object) -> str | None:
    """`value` where it is text that PostgreSQL can hold."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()[:LONGEST_TEXT]


def moment_or_none(value: object) -> datetime | None:
    """The moment that an ISO 8601 text with a zone tells, as JavaScript writes dates into JSON."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None

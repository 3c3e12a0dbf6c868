"""What the claims of a verified token say, and which of them are a login.

Three kinds of JWT carry Better Auth's secret: tokens that an app mints (`sub`), the session cache (`session` and
`user`, no `sub`), and email-verification links (`email`, perhaps `userId`), which are no login. So nothing but
`sub` and the whole session-cache shape names a person.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.caller import Caller
from accounts.exceptions import InvalidToken

LONGEST_ID = 255
VERIFICATION_CLAIMS = frozenset({"requestType", "updateTo"})

type Claims = Mapping[str, Any]


def caller_of(claims: Claims) -> Caller:
    """The person that verified `claims` name. Raises InvalidToken where they are not a login."""
    if not VERIFICATION_CLAIMS.isdisjoint(claims):
        raise InvalidToken("The token is an email verification, not a login.")
    person = claims if "sub" in claims else cached_user(claims)
    user_id = person.get("sub", person.get("id"))
    if not isinstance(user_id, str) or not is_id(user_id):
        raise InvalidToken("The token names no user.")
    return Caller(
        id=user_id,
        email=text_or_none(person.get("email")),
        name=text_or_none(person.get("name")),
        created_at=moment_or_none(person.get("createdAt")),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def cached_user(claims: Claims) -> Claims:
    """The `user` of a session-cache token, whose `session` must be the same person's."""
    session, user = claims.get("session"), claims.get("user")
    if not isinstance(session, dict) or not isinstance(user, dict) or not user.get("id"):
        raise InvalidToken("The token names no user.")
    if session.get("userId") != user["id"]:
        raise InvalidToken("The token's session is another user's.")
    expires_at = moment_or_none(session.get("expiresAt"))
    if expires_at is None or expires_at <= datetime.now(UTC):
        raise InvalidToken("The token's session has ended.")
    return user


def is_id(text: str) -> bool:
    """Whether `text` can be a user's id: PostgreSQL stores no NUL and UTF-8 no lone surrogate."""
    return 0 < len(text) <= LONGEST_ID and text.isprintable() and text == text.strip()


def text_or_none(value: object) -> str | None:
    """`value` where it is text that PostgreSQL can hold."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()[:1000]


def moment_or_none(value: object) -> datetime | None:
    """The moment that an ISO 8601 text with a zone tells, as JavaScript writes dates into JSON."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None

"""Better Auth's session cache as a JWT: the cookie `session_data`, which contains the session and the user.

It is signed with the shared secret, or with a key pair (`jwt({ sessionCookieCache: true })`); then its header has a
`typ` of its own, and `sub` and `sid` repeat the user's id and the session's token.
"""

from datetime import UTC, datetime

from django.conf import settings

from accounts.caller import Login, SessionReference
from accounts.exceptions import InvalidToken, TokenExpired
from accounts.tokens.claims import (
    NO_LOGIN,
    Claims,
    caller_of,
    check_purpose,
    datetime_or_none,
    is_id,
    login_from_claims,
)

TYPE = "better-auth.session-cache+jwt"
AUDIENCE = "better-auth:session-cache"


def login_by_secret(claims: Claims) -> Login:
    """Return the login of a token under the shared secret: an app's own, with `sub`, or a session cache, without."""
    return login_from_claims(claims) if "sub" in claims else login_from_cache(claims)


def login_by_key(claims: Claims) -> Login:
    """Return the login of a session cache that a key pair has signed. Raises InvalidToken."""
    login = login_from_cache(claims)
    if (claims.get("sub"), claims.get("sid")) != (claims["user"]["id"], claims["session"]["token"]):
        raise InvalidToken("The session cache names one user and session (sub, sid) and contains another.")
    return login


def login_from_cache(claims: Claims) -> Login:
    """Return the user and the session that a session cache contains.

    Raises InvalidToken unless both are of one user, and TokenExpired if the session has expired.
    """
    check_purpose(claims, NO_LOGIN)
    session, user = claims.get("session"), claims.get("user")
    if not isinstance(session, dict) or not isinstance(user, dict) or not isinstance(session.get("token"), str):
        raise InvalidToken("The token names no user (sub).")
    texts = (session.get("id"), user.get("id"), user.get("email"), user.get("name"), claims.get("version", ""))
    if not all(isinstance(text, str) for text in texts) or not is_number(claims.get("updatedAt")):
        raise InvalidToken("The session cache is not complete.")  # As Better Auth itself refuses it.
    if not is_id(session["token"]):
        raise InvalidToken("The token's session is malformed.")
    if not user.get("id") or session.get("userId") != user["id"]:
        raise InvalidToken("The token's session belongs to another user.")
    if not is_current_version(claims):
        raise InvalidToken("The session cache has another version than BETTER_AUTH_COOKIE_CACHE_VERSION.")
    ends_at = datetime_or_none(session.get("expiresAt"))
    if ends_at is None:
        raise InvalidToken("The token's session has no valid expiry (expiresAt).")
    if ends_at <= datetime.now(UTC):
        raise TokenExpired("The token's session has ended.")
    said = {**user, "act": None, "impersonatedBy": session.get("impersonatedBy")}
    caller = caller_of(user["id"], said, min(claims["exp"], ends_at.timestamp()))
    return Login(caller, SessionReference("token", session["token"]))


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_current_version(claims: Claims) -> bool:
    """Return whether the cache has the version that Better Auth writes now: it changes it to sign everybody out."""
    accepted = settings.BETTER_AUTH_COOKIE_CACHE_VERSION
    return accepted == "*" or (claims.get("version") or "1") == accepted

"""Who is calling: a verified token is remembered until it expires."""

import time

import jwt
from django.conf import settings

MAX_TOKENS = 10_000
seen_tokens: dict[str, tuple[str, int]] = {}


def caller_of(token: str) -> str | None:
    """Return the user id in a valid token, or None."""
    caller, expiry = seen_tokens.get(token, ("", 0))
    if expiry > time.time():
        return caller
    try:
        claims = jwt.decode(
            token, settings.BETTER_AUTH_SECRET, algorithms=["HS256"], options={"require": ["sub", "exp"]}
        )
    except jwt.InvalidTokenError:
        return None
    if len(seen_tokens) >= MAX_TOKENS:
        seen_tokens.clear()
    seen_tokens[token] = claims["sub"], claims["exp"]
    return str(claims["sub"])

"""Development tokens, as an app would mint them: a JWT with `sub`, signed with the shared secret."""

from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings


def issue_token(user_id: str, *, lifetime: timedelta, email: str | None = None, name: str | None = None) -> str:
    """Return a token of `user_id`. The user need not have signed up."""
    now = datetime.now(UTC)
    claims = {"sub": user_id, "email": email, "name": name, "iat": now, "exp": now + lifetime}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, settings.BETTER_AUTH_SECRET, algorithm=settings.JWT_ALGORITHM)

"""Tokens for development, as an app would mint them: HS256 with `sub`, under the shared secret."""

from datetime import UTC, datetime, timedelta

from accounts.token_backends import current_backends


def issue_token(user_id: str, *, lifetime: timedelta, email: str | None = None, name: str | None = None) -> str:
    """A token of `user_id` that is good for `lifetime`. Nobody needs to have signed up."""
    now = datetime.now(UTC)
    claims = {"sub": user_id, "email": email, "name": name, "iat": now, "exp": now + lifetime}
    return current_backends()[0].encode({claim: value for claim, value in claims.items() if value is not None})

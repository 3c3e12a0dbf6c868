"""One log line for each refused request of the API, by which support finds the cause from the request's id.

docs/support.md has an example. A line contains no token and no task text.
"""

import logging
from typing import Any

from accounts.exceptions import InvalidToken
from accounts.tokens.verify import identify
from todo_project.client_address import address_of

logger = logging.getLogger(__name__)


def log_refusal(request: Any, body: dict[str, Any]) -> None:
    """Log why `request`, Django's or DRF's, got the error `body`: with whose token of which kind, and from where."""
    user = getattr(request, "_user", None)  # `request.user` would authenticate again, and fail again.
    logger.info(
        "Refused with %d %s: %s By %s, with %s, from %s.",
        body["status_code"],
        body["error_code"],
        body["detail"],
        f"user {user.id!r}" if user is not None and hasattr(user, "id") else "nobody known",
        kind_of_token(request.META.get("HTTP_AUTHORIZATION", "")),
        address_of(getattr(request, "_request", request)),
    )


def kind_of_token(header: str) -> str:
    """Return what an Authorization header contains, without quoting any of it."""
    scheme, _, token = header.strip().partition(" ")
    if not scheme:
        return "no Authorization header"
    if scheme.lower() != "bearer":
        return "an Authorization header that is not Bearer"
    try:
        return str(identify(token.strip())[0])
    except InvalidToken:
        return "a token of no kind that is accepted"

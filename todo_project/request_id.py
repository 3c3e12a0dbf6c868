"""A name for every request, which its answer and its log lines share."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")

# What a caller sends is written to logs: letters, digits and a few marks, so that it cannot forge a line.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIdMiddleware:
    """Answers with `X-Request-ID`: the caller's own where it sends an acceptable one, else a new UUID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with its request's id."""
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if ACCEPTABLE.fullmatch(sent) else str(uuid.uuid4())
        # It stays set until this thread's next request: Django logs a 500 once all middleware is done.
        current_request_id.set(request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response

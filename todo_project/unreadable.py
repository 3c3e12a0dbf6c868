"""Requests of which the server could not read a part: they are refused instead of carried out without it.

The servers note it in the environ. They do not answer themselves, because then the response had no request id and no
CORS headers, and its line in the log no route.

todo.body_error: the status of a body that broke off (400) or came too late (408).
todo.unreadable: the names of headers that granian drops because they are not ASCII (docs/decisions/0024-server.md).
"""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from todo_project.rest import JSONRenderer, error_body

DETAILS = {
    400: "The body is shorter than its Content-Length.",
    408: "The body has not arrived in time.",
}


def body_refusal(request: HttpRequest) -> HttpResponse:
    """Return the response to a request without its whole body, whatever its view would do with it."""
    with suppress(Resolver404):
        request.resolver_match = resolve(request.path_info)  # For the access log.
    return refusal(request.META["todo.body_error"])


def header_refusal(request: HttpRequest, *, is_operator: bool) -> HttpResponse | None:
    """Return a 400 if a dropped header would say who is calling; None if it does not matter.

    Without X-Forwarded-For a client would be counted as its proxy, and without its cookies nobody is signed in.
    """
    if "x-forwarded-for" in request.META["todo.unreadable"]:
        return refusal(400, "The X-Forwarded-For header has a character that is not ASCII.")
    if "cookie" in request.META["todo.unreadable"] and (is_operator or is_signed_in_by_cookie(request)):
        return refusal(
            400,
            "This server cannot read the Cookie header, because a cookie of this site has a character that is not"
            " ASCII. Delete that cookie, or let who sets it percent-encode it.",
        )
    return None


def is_signed_in_by_cookie(request: HttpRequest) -> bool:
    """Return whether a cookie can say who calls the API: an Authorization header excludes it."""
    return bool(settings.BETTER_AUTH_SESSION_COOKIE) and "HTTP_AUTHORIZATION" not in request.META


def refusal(status: int, detail: str | None = None) -> HttpResponse:
    body = error_body(status, detail or DETAILS[status])
    return HttpResponse(JSONRenderer().render(body), status=status, content_type=JSONRenderer.media_type)

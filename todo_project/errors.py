"""Every answer of 400 and above, on every address: one body, `{"detail", "error_code", "status_code"}`.

Exceptions of views come through `exception_handler`; what Django answers itself (an unrouted address, a foreign
host name, a failure in a middleware) is put into the same words by `JSONErrorsMiddleware`.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

from todo_project.admin_only import ADMIN_PATH
from todo_project.json_format import JSONRenderer

logger = logging.getLogger(__name__)

ERROR_CODES = {
    400: "PARSE_ERROR",
    401: "NOT_AUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    410: "GONE",
    412: "PRECONDITION_FAILED",
    411: "LENGTH_REQUIRED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
DETAILS = {
    400: "The request is malformed.",
    404: "No such address.",
    413: "The body is larger than 64 KiB.",
    500: "Internal server error",
    503: "The database cannot be reached. Try again soon.",
}
RETRY_AFTER_SECONDS = "2"

# A database that restarts, is out of connections, or dies behind PgBouncer shows itself as any of these.
DATABASE_IS_AWAY = (OperationalError, InterfaceError, InternalError)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: the answer to an exception that a view raised."""
    match error:
        case exceptions.ValidationError():
            answer = validation_response(error)
        case exceptions.APIException():
            answer = error_response(
                error.status_code,
                str(error.detail),
                error_code=getattr(error, "error_code", None),
                headers=headers_of(error, context),
            )
        case Http404():
            answer = error_response(404)
        case PermissionDenied():
            answer = error_response(403)
        case RequestDataTooBig():
            answer = error_response(413)
        case UnreadablePostError() | SuspiciousOperation():  # A body that breaks off; a thousand query parameters.
            answer = error_response(400)
        case _ if isinstance(error, DATABASE_IS_AWAY):
            logger.warning("The database cannot be reached: %s", type(error).__name__)
            answer = error_response(503, headers={"Retry-After": RETRY_AFTER_SECONDS})
        case _:
            got_request_exception.send(sender=None, request=context["request"]._request)
            logger.error("Unexpected error", exc_info=error)
            answer = error_response(500)
    return answer


def validation_response(error: exceptions.ValidationError) -> Response:
    """422, with what is wrong under the name of each field."""
    errors = {field: sentences(told) for field, told in by_field(error.detail).items()}
    detail = " ".join(sentence(field, texts) for field, texts in errors.items())
    return error_response(422, detail, extra={"errors": errors})


def headers_of(error: exceptions.APIException, context: Mapping[str, Any]) -> dict[str, str]:
    """The headers that an API exception brings: `WWW-Authenticate`, `Allow`, and its own `headers`."""
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if auth_header := getattr(error, "auth_header", None):
        headers.setdefault("WWW-Authenticate", auth_header)
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return headers


def by_field(detail: Any) -> dict[str, Any]:
    """DRF's details of a validation error, under the name of the field they are about."""
    return dict(detail) if isinstance(detail, Mapping) else {"non_field_errors": detail}


def sentences(told: Any) -> list[str]:
    """The sentences in DRF's nested lists, in their order."""
    if isinstance(told, list):
        return [text for inner in told for text in sentences(inner)]
    return [str(told)]


def sentence(field: str, texts: list[str]) -> str:
    """What is wrong with `field`, for people."""
    return " ".join(texts) if field == "non_field_errors" else f"{field}: {' '.join(texts)}"


def error_body(status: int, detail: str | None, error_code: str | None) -> dict[str, Any]:
    """The members that every error answer has, in their order."""
    return {
        "detail": detail or DETAILS.get(status) or HTTPStatus(status).phrase,
        "error_code": error_code or ERROR_CODES.get(status) or HTTPStatus(status).name,
        "status_code": status,
    }


def error_response(
    status: int,
    detail: str | None = None,
    *,
    error_code: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """A view's answer of `status`; what is not given comes from the tables above."""
    body = error_body(status, detail, error_code)
    return Response({**body, **(extra or {})}, status=status, headers=dict(headers or {}))


class JSONErrorsMiddleware:
    """Puts the HTML errors that Django answers by itself into the contract's JSON, with DEBUG on too.

    The admin's pages keep theirs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, in JSON where it is an error."""
        response = self.get_response(request)
        status = response.status_code
        is_admin = request.path_info == ADMIN_PATH or request.path_info.startswith(f"{ADMIN_PATH}/")
        if status < 400 or is_admin or response.headers.get("Content-Type") == JSONRenderer.media_type:
            return response
        return self.in_json(response)

    def in_json(self, response: HttpResponseBase) -> HttpResponse:
        """The same answer with the contract's body, and the headers that are not about the old body.

        The old one is left unclosed: close() tells Django that the request has finished, which it has not.
        """
        body = JSONRenderer().render(error_body(response.status_code, None, None))
        answer = HttpResponse(body, status=response.status_code, content_type=JSONRenderer.media_type)
        for name in ("Allow", "Retry-After", "WWW-Authenticate", "Vary", "Cache-Control"):
            if name in response.headers:
                answer.headers[name] = response.headers[name]
        return answer

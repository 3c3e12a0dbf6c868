"""Django REST framework's hooks: JSON parsers and renderer, content negotiation, and the error body.

Every response of 400 and above has the body `{"detail", "error_code", "status_code"}`. Exceptions raised in views come
through `exception_handler`; todo_project.middleware converts the errors that Django answers itself.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import IO, Any, NoReturn

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from todo_project import refusals

logger = logging.getLogger(__name__)

ERROR_CODES = {
    400: "PARSE_ERROR",
    401: "NOT_AUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    409: "CONFLICT",
    410: "GONE",
    411: "LENGTH_REQUIRED",
    412: "PRECONDITION_FAILED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    429: "THROTTLED",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
DETAILS = {
    400: "The request is malformed.",
    404: "Not found.",
    413: "The body is larger than 64 KiB.",
    500: "Internal server error",
    503: "The database cannot be reached. Try again soon.",
}
RETRY_AFTER_SECONDS = "2"
REFUSALS = {401, 403, 429}

# A database that restarts, is out of connections, or dies behind PgBouncer raises any of these.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError)


class JSONNegotiation(BaseContentNegotiation):
    """Selects the parser by Content-Type, and JSON for the response, regardless of `Accept`."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser of the request's media type, ignoring parameters. DRF answers 415 if it is None."""
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next(
            (parser for parser in parsers if parser.media_type == media_type and accepts(parser, request)), None
        )

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def accepts(parser: BaseParser, request: Request) -> bool:
    return request.method in getattr(parser, "methods", (request.method,))


def refuse_constant(name: str) -> NoReturn:
    """Python's parser accepts NaN and Infinity, which RFC 8259 does not have."""
    raise ValueError(f"{name} is not JSON")


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body. Raises ParseError, or RequestDataTooBig if it exceeds the limit.

        The body is read from the Django request, which enforces the limit; `stream` does not.
        """
        body: bytes = (parser_context or {})["request"]._request.body
        try:
            return json.loads(body.decode("utf-8"), parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:  # RecursionError: brackets nested thousands deep.
            raise exceptions.ParseError("The body is not valid JSON.") from error


class MergePatchParser(JSONParser):
    """RFC 7396."""

    media_type = "application/merge-patch+json"
    methods = ("PATCH",)


def rfc3339(value: datetime) -> str:
    """Return a timestamp in UTC with `Z` and always six digits of microseconds, so that it sorts as text."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


class JSONRenderer(BaseRenderer):
    """Renders compact UTF-8 JSON. None is the body of a 204. What the database writes as JSON does not come here."""

    media_type = "application/json"
    format = "json"
    charset = None
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=rfc3339)

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        # An error can name what a client sent, and JSON has half characters, surrogates, that UTF-8 has not. Python's
        # backslash and JSON's are the same here, `\ud800`: the client reads the name that it wrote.
        return self.encoder.encode(data).encode(errors="backslashreplace")


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Return the response to an exception that a view raised (DRF's EXCEPTION_HANDLER)."""
    match error:
        case exceptions.ValidationError():
            response = validation_response(error)
        case exceptions.APIException():
            response = error_response(
                error.status_code,
                str(error.detail),
                error_code=getattr(error, "error_code", None),
                headers=headers_of(error, context),
            )
        case Http404():
            response = error_response(404)
        case PermissionDenied():
            response = error_response(403)
        case RequestDataTooBig():
            response = error_response(413)
        case UnreadablePostError() | SuspiciousOperation():  # The body breaks off; over 1000 query parameters.
            response = error_response(400)
        case _ if isinstance(error, DATABASE_UNAVAILABLE):
            logger.warning("The database cannot be reached: %s", type(error).__name__)
            response = error_response(503, headers={"Retry-After": RETRY_AFTER_SECONDS})
        case _:
            got_request_exception.send(sender=None, request=context["request"]._request)
            logger.error("Unexpected error", exc_info=error)
            response = error_response(500)
    if response.status_code in REFUSALS:
        from todo_project import throttles
        from todo_project.refusal_log import log_refusal  # It needs the apps, and servers import this module before.

        refusals.count(response.status_code, response.data["detail"])
        log_refusal(context["request"], response.data)
        if response.status_code == 401:
            throttles.count_failure(context["request"]._request)
    return response


def validation_response(error: exceptions.ValidationError) -> Response:
    """Return a 422 that lists what is wrong with each field."""
    detail = error.detail if isinstance(error.detail, Mapping) else {"non_field_errors": error.detail}
    errors = {field: messages_in(messages) for field, messages in detail.items()}
    sentences = (
        " ".join(messages) if field == "non_field_errors" else f"{field}: {' '.join(messages)}"
        for field, messages in errors.items()
    )
    return error_response(422, " ".join(sentences), extra={"errors": errors})


def messages_in(detail: Any) -> list[str]:
    """Flatten DRF's nested lists of messages."""
    if isinstance(detail, list):
        return [message for inner in detail for message in messages_in(inner)]
    return [str(detail)]


def headers_of(error: exceptions.APIException, context: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if auth_header := getattr(error, "auth_header", None):
        headers.setdefault("WWW-Authenticate", auth_header)
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if wait := getattr(error, "wait", None):  # DRF's Throttled
        headers["Retry-After"] = str(wait)
    return headers


def error_body(status: int, detail: str | None = None, error_code: str | None = None) -> dict[str, Any]:
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
    """Return an error response. What is not given comes from the tables above."""
    body = error_body(status, detail, error_code)
    return Response({**body, **(extra or {})}, status=status, headers=dict(headers or {}))

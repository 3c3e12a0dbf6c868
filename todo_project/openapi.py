"""Additions to the generated OpenAPI document: the bearer scheme, and the error responses of every operation."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from todo_project.rest import ERROR_CODES, error_body

type Schema = dict[str, Any]

ROOT = OpenApiResponse(
    inline_serializer("Root", {"message": serializers.CharField(), "status": serializers.CharField()}),
    description="The API is running.",
    examples=[OpenApiExample("Root", {"message": "Todo API v2.0", "status": "running"})],
)
HEALTH = OpenApiResponse(
    inline_serializer("Health", {"status": serializers.CharField()}),
    description="The process is running.",
    examples=[OpenApiExample("Health", {"status": "healthy"})],
)
READY = OpenApiResponse(
    inline_serializer("Ready", {"status": serializers.CharField()}),
    description="The database can be reached and has every migration.",
    examples=[OpenApiExample("Ready", {"status": "ready"})],
)

ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "The body of every response of 400 and above.",
    "required": ["detail", "error_code", "status_code"],
    "properties": {
        "detail": {"type": "string", "description": "One sentence for humans; its wording may change."},
        "error_code": {"type": "string", "description": "For programs; it is never renamed."},
        "status_code": {"type": "integer", "description": "The HTTP status code."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Only with VALIDATION_ERROR: what is wrong with each field or parameter.",
        },
    },
}

DESCRIPTIONS = {
    400: "The body is not JSON, a header is malformed, or there are more than 1000 query parameters.",
    401: "No valid token.",
    403: "The path belongs to another user.",
    404: "The caller has no such task.",
    409: "The user has reached the limit of tasks.",
    410: "The revision has expired: sync again without `since`.",
    408: "The body has not arrived within 60 seconds.",
    412: "The task's version does not match If-Match; nothing was written.",
    411: "The request has a body but no Content-Length.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not application/json.",
    422: "The body or a parameter is not valid.",
    500: "An error of the server; the response's X-Request-ID is in its log.",
    503: "The database cannot be reached or has no free connection, or Better Auth's public keys cannot be fetched.",
}
EXAMPLES: dict[int, tuple[str, str | None]] = {
    400: ("The body is not valid JSON.", None),
    401: ("The token has expired.", "TOKEN_EXPIRED"),
    403: ("Cannot access another user's tasks", None),
    404: ("Task not found", None),
    409: ("You have reached the limit of tasks. Delete some to make room.", "TASK_LIMIT_REACHED"),
    410: ("This revision has expired. Discard your copy and sync again without `since`.", "REVISION_EXPIRED"),
    412: ("Task has changed", None),
    411: ("Send the body with a Content-Length.", None),
    415: ('Unsupported media type "text/plain" in request.', None),
    422: ("title: This field is required.", None),
}
HEADERS: dict[int, Schema] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "The challenge (RFC 6750)."}},
    412: {"ETag": {"schema": {"type": "string"}, "description": "The task's current version in quotes."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass is untyped
    target_class = "accounts.authentication.BetterAuthAuthentication"
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of a user who signed in with Better Auth.",
        }


def add_error_responses(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Add the error responses to each operation (drf-spectacular's postprocessing hook)."""
    components = result["components"]["schemas"]
    components["Error"] = ERROR_SCHEMA
    for path, operation in operations(result):
        for status in errors_of(path, operation):
            operation["responses"][str(status)] = error_response(status)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True  # An empty body is 400 even if no field is required.
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def operations(document: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def errors_of(path: str, operation: Schema) -> list[int]:
    """Return the error statuses of an operation, derived from its path, parameters and body."""
    if {} in operation["security"]:  # No token is needed.
        return [500]
    statuses = [401, 500, 503]
    if "{user_id}" in path:
        statuses += [403]
    if "{task_id}" in path:
        statuses += [404, 422]
    if "requestBody" in operation:
        statuses += [400, 408, 411, 413, 415, 422]
    headers = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
    if "If-Match" in headers:
        statuses += [412]
    if headers & {"If-Match", "If-None-Match", "Idempotency-Key"}:
        statuses += [400]
    if operation["operationId"] in {"create_task", "restore_task"}:
        statuses += [409]
    if operation["operationId"] == "list_changes":
        statuses += [410]
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        statuses += [400, 422]
    return statuses


def error_response(status: int) -> Schema:
    detail, error_code = EXAMPLES.get(status, (None, None))
    example: Schema = error_body(status, detail, error_code)
    if ERROR_CODES[status] == "VALIDATION_ERROR":
        example["errors"] = {"title": ["This field is required."]}
    response: Schema = {
        "description": DESCRIPTIONS[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}},
    }
    return response | ({"headers": HEADERS[status]} if status in HEADERS else {})

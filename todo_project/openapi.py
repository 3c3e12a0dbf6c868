"""What the OpenAPI document says beyond the single operations: the bearer scheme, and every error answer."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from todo_project.errors import ERROR_CODES, error_body

type Schema = dict[str, Any]

ROOT = OpenApiResponse(
    inline_serializer("Root", {"message": serializers.CharField(), "status": serializers.CharField()}),
    description="The API is there.",
    examples=[OpenApiExample("Root", {"message": "Todo API v2.0", "status": "running"})],
)
HEALTH = OpenApiResponse(
    inline_serializer("Health", {"status": serializers.CharField()}),
    description="The process answers.",
    examples=[OpenApiExample("Health", {"status": "healthy"})],
)

ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "The body of every answer of 400 and above.",
    "required": ["detail", "error_code", "status_code"],
    "properties": {
        "detail": {"type": "string", "description": "One sentence for people; it may be reworded."},
        "error_code": {"type": "string", "description": "For programs; never renamed."},
        "status_code": {"type": "integer", "description": "The HTTP status again."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "With VALIDATION_ERROR alone: what is wrong with each member or parameter.",
        },
    },
}

DESCRIPTIONS = {
    400: "The body is not JSON, a header is malformed, or there are more than 1000 query parameters.",
    401: "No valid token.",
    403: "Not the caller's path.",
    404: "The caller has no such task.",
    409: "The list holds as many tasks as a person may have.",
    410: "The list was erased or restored since that revision, or its changes are not kept so long: start anew.",
    412: "The task has another version than If-Match names; nothing was written.",
    411: "The body came without a Content-Length.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not application/json.",
    422: "Readable but not acceptable.",
    500: "A fault of the server's; the log has it under the answer's X-Request-ID.",
    503: "The database cannot be reached, or is at its limit of connections.",
}
EXAMPLES: dict[int, tuple[str, str | None]] = {
    400: ("The body is not valid JSON.", None),
    401: ("The token has expired.", "TOKEN_EXPIRED"),
    403: ("Cannot access another user's tasks", None),
    404: ("Task not found", None),
    409: ("You have reached the limit of tasks. Delete some to make room.", "TASK_LIMIT_REACHED"),
    410: ("This revision is not known any more. Drop the copy and start anew, without since.", "REVISION_EXPIRED"),
    412: ("Task has changed", None),
    411: ("Send the body with a Content-Length.", None),
    415: ('Unsupported media type "text/plain" in request.', None),
    422: ("title: This field is required.", None),
}
HEADERS: dict[int, Schema] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "The challenge of RFC 6750."}},
    412: {"ETag": {"schema": {"type": "string"}, "description": "The task's current version in quotes."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass is untyped
    """Describes `BetterAuthAuthentication` as an HTTP bearer scheme."""

    target_class = "accounts.authentication.BetterAuthAuthentication"
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """The scheme's entry in the document."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the person who signed in with Better Auth.",
        }


def complete(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """drf-spectacular's hook: add to each operation the errors that it can answer."""
    components = result["components"]["schemas"]
    components["Error"] = ERROR_SCHEMA
    for path, operation in operations(result):
        for status in errors_of(path, operation):
            operation["responses"][str(status)] = error_answer(status)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True  # An empty body is 400, also where no member is required.
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def operations(document: Schema) -> Iterator[tuple[str, Schema]]:
    """Each operation of the document, with its path."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def errors_of(path: str, operation: Schema) -> list[int]:
    """The statuses of 400 and above that an operation can answer, which follow from what it takes."""
    if {} in operation["security"]:  # No token is needed.
        return [500]
    statuses = [401, 500, 503]
    if "{user_id}" in path:
        statuses += [403]
    if "{task_id}" in path:
        statuses += [404, 422]
    if "requestBody" in operation:
        statuses += [400, 411, 413, 415, 422]
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


def error_answer(status: int) -> Schema:
    """The document's entry for an error of `status`, with an example."""
    detail, error_code = EXAMPLES.get(status, (None, None))
    example: Schema = error_body(status, detail, error_code)
    if ERROR_CODES[status] == "VALIDATION_ERROR":
        example["errors"] = {"title": ["This field is required."]}
    answer: Schema = {
        "description": DESCRIPTIONS[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}},
    }
    return answer | ({"headers": HEADERS[status]} if status in HEADERS else {})

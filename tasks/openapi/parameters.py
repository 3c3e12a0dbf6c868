"""Path parameters, request headers and response headers."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

USER = "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u"


# As tasks/views/headers.py reads them, in the regular expressions of JSON Schema.
ENTITY_TAG = r'(W/)?"[!#-~]*"'
ENTITY_TAGS = rf"^(\*|{ENTITY_TAG}(, *{ENTITY_TAG})*)$"
KEY = r'^("[ !#-~]{1,255}"|[!#-~]([ -~]{0,253}[!-~])?)$'


def request_header(
    name: str, description: str, example: str | None = None, pattern: str | None = None
) -> OpenApiParameter:
    examples = [OpenApiExample("An example", example)] if example else []
    kind: Any = {"type": "string", "pattern": pattern} if pattern else OpenApiTypes.STR
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, examples=examples)


def response_header(
    name: str, description: str, *statuses: int, required: bool = True, kind: Any = OpenApiTypes.STR
) -> OpenApiParameter:
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=description, required=required, response=list(statuses)
    )


USER_ID = OpenApiParameter(
    "user_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The id of the token's user; any other is 403.",
    examples=[OpenApiExample("A Better Auth id", USER)],
)
TASK_ID = OpenApiParameter(
    "task_id",
    OpenApiTypes.INT64,
    OpenApiParameter.PATH,
    description="The id of one of the caller's tasks.",
    examples=[OpenApiExample("An id", 7)],
)

IF_MATCH = request_header(
    "If-Match",
    "Write only if this is the task's entity tag (its version in quotes); otherwise 412.",
    '"3"',
    ENTITY_TAGS,
)
IF_NONE_MATCH = request_header(
    "If-None-Match", "An entity tag that the client has: 304 if it is still the task's.", '"3"', ENTITY_TAGS
)
IF_NONE_MATCH_LIST = request_header(
    "If-None-Match",
    "An entity tag of the list that the client has: 304 if nothing on the list has changed.",
    '"5f0c9e1b.42.1763640000123456-9c56cc51b374"',
    ENTITY_TAGS,
)
IDEMPOTENCY_KEY = request_header(
    "Idempotency-Key",
    "1 to 255 printable ASCII characters. The same key and body again create no second task.",
    "6a1e4a3e-7c0b-4f5e-9f0e-0d6b8f1f2a11",
    KEY,
)
PREFER = request_header(
    "Prefer",
    "`count=exact` is answered with `X-Total-Count`: how many tasks match, on all pages. `handling=strict`, on every"
    " operation on tasks, refuses unknown parameters and fields with 422 instead of ignoring them.",
    "count=exact",
)

ETAG = response_header("ETag", "The task's version in quotes.", 200, 201, 304)
LIST_ETAG = response_header("ETag", "Changes with every change of the list.", 200, 304)
REPLAYED = response_header(
    "Idempotency-Replayed",
    "`true` if this is the first response again.",
    201,
    required=False,
    kind=OpenApiTypes.BOOL,
)
LINK = response_header(
    "Link",
    "If there are more tasks: the URL of the next page, relative to this server (RFC 8288).",
    200,
    required=False,
)
TOTAL_COUNT = response_header(
    "X-Total-Count",
    "How many tasks match, if `Prefer: count=exact` asked for it.",
    200,
    required=False,
    kind=OpenApiTypes.INT,
)
PREFERENCE_APPLIED = response_header(
    "Preference-Applied", "`count=exact` or `handling=strict`, if requested.", 200, required=False
)
LOCATION = response_header("Location", "The URL of the new task, relative to this server.", 201)
CONTENT_DISPOSITION = response_header("Content-Disposition", "An attachment, with a file name.", 200)

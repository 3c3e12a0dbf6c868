"""The parameters and headers of the operations on tasks."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from tasks.list_order import SORTS
from tasks.list_query import LARGEST_PAGE, LONGEST_Q, ORDERS
from tasks.models import Priority
from tasks.text import MOST_TAGS, TAG_LENGTH

USER_ID = OpenApiParameter(
    "user_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The id of the token's user; any other is 403.",
    examples=[OpenApiExample("A Better Auth id", "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u")],
)
TASK_ID = OpenApiParameter(
    "task_id",
    OpenApiTypes.INT64,
    OpenApiParameter.PATH,
    description="The id of one of the caller's tasks.",
    examples=[OpenApiExample("An id", 7)],
)
STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    description="Which tasks: all that are not in the trash, those still to do, those that are done, or the trash.",
    enum=["all", "pending", "completed", "deleted"],
    default="all",
)
BULK_STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    required=True,
    description="Which tasks. Required, so that a client with an empty task id does not reach the whole list.",
    enum=["all", "pending", "completed"],
)
CLEAR_STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    required=True,
    description="Which tasks. Required, so that a client with an empty task id does not reach the whole list.",
    enum=["all", "completed"],
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Write only where this is the task's entity tag (its version in quotes); else 412.",
    examples=[OpenApiExample("A version", '"3"')],
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The entity tag that is known: 304 where it is still the task's.",
    examples=[OpenApiExample("A version", '"3"')],
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters: the same key and body again make no second task.",
    examples=[OpenApiExample("A UUID", "6a1e4a3e-7c0b-4f5e-9f0e-0d6b8f1f2a11")],
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The task's version in quotes.",
    required=True,
    response=[200, 201, 304],
)
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    OpenApiTypes.BOOL,
    OpenApiParameter.HEADER,
    description="Sent, and true, where this is the first answer again.",
    required=False,
    response=[201],
)
SORT = OpenApiParameter(
    "sort",
    OpenApiTypes.STR,
    description="`created`: newest first. `title`: A to Z without regard to case. `updated`: latest first. `due_date`:"
    " soonest first, tasks without one last. `priority`: high first. The id breaks ties, in the same direction.",
    enum=list(SORTS),
    default="created",
)
ORDER = OpenApiParameter(
    "order",
    OpenApiTypes.STR,
    description="The direction of any sort, ties included. Tasks without a due date come last either way.",
    enum=list(ORDERS),
)
Q = OpenApiParameter(
    "q",
    {"type": "string", "maxLength": LONGEST_Q},
    description="Tasks whose title or description has this text in it, without regard to case.",
    examples=[OpenApiExample("Milk", "milk")],
)
TAG = OpenApiParameter(
    "tag",
    {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": TAG_LENGTH}, "maxItems": MOST_TAGS},
    description="Tasks with this tag; of several, with all of them.",
    explode=True,
    examples=[OpenApiExample("Two tags", ["home", "garden"])],
)
PRIORITY = OpenApiParameter(
    "priority", OpenApiTypes.STR, description="Tasks of this priority.", enum=list(Priority.values)
)
DUE_BEFORE = OpenApiParameter(
    "due_before",
    OpenApiTypes.DATE,
    description="Tasks that are due on this day or before.",
    examples=[OpenApiExample("A day", "2026-11-30")],
)
DUE_AFTER = OpenApiParameter(
    "due_after",
    OpenApiTypes.DATE,
    description="Tasks that are due on this day or after.",
    examples=[OpenApiExample("A day", "2026-11-01")],
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
    description='So many tasks, and `Link: <…>; rel="next"` while there are more. Without it: the whole list.',
    examples=[OpenApiExample("A page", 20)],
)
CURSOR = OpenApiParameter(
    "cursor",
    OpenApiTypes.STR,
    description="Where the page begins: from the `Link` of the page before, with the same sort, order and filters.",
)
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`count=exact` is answered with `X-Total-Count`: how many tasks match, on all pages.",
    examples=[OpenApiExample("The count", "count=exact")],
)
IF_NONE_MATCH_LIST = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The entity tag of the list that is known: 304 where nothing on it has changed.",
)
LIST_ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Changes with every change of the list.",
    required=True,
    response=[200, 304],
)
LINK = OpenApiParameter(
    "Link",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Where there are more tasks: the address of the next page, relative to this server (RFC 8288).",
    required=False,
    response=[200],
)
TOTAL_COUNT = OpenApiParameter(
    "X-Total-Count",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="How many tasks match, where `Prefer: count=exact` asked for it.",
    required=False,
    response=[200],
)
PREFERENCE_APPLIED = OpenApiParameter(
    "Preference-Applied",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`count=exact`, where that was asked for.",
    required=False,
    response=[200],
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The address of the new task, relative to this server.",
    required=True,
    response=[201],
)

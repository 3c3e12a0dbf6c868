"""What the task operations refuse, as the facts that they are."""

from rest_framework.exceptions import APIException, NotFound


class LengthRequired(APIException):
    """The body came in chunks, which Django does not read: without this it would count as an empty one."""

    status_code = 411
    default_detail = "Send the body with a Content-Length."


class TaskNotFound(NotFound):
    """The caller has no such task: it is nobody's, somebody else's, or in the trash."""

    default_detail = "Task not found"


class PreconditionFailed(APIException):
    """The task has another version than the caller's `If-Match` names. Nothing was written."""

    status_code = 412
    default_detail = "Task has changed"

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version
        self.headers = {"ETag": f'"{version}"'}


class TaskLimitReached(APIException):
    """The list holds as many tasks as a person may have."""

    status_code = 409
    default_detail = "You have reached the limit of tasks. Delete some to make room."
    error_code = "TASK_LIMIT_REACHED"


class IdempotencyKeyReused(APIException):
    """The key was used before, with another body."""

    status_code = 422
    default_detail = "This Idempotency-Key was used with another body."
    error_code = "IDEMPOTENCY_KEY_REUSED"


class RevisionExpired(APIException):
    """The copy cannot be brought up to date: its list was erased or restored, or the changes are not kept so long."""

    status_code = 410
    default_detail = "This revision is not known any more. Drop the copy and start anew, without since."
    error_code = "REVISION_EXPIRED"

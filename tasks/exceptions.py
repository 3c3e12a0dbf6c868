"""What the operations on tasks refuse; each becomes an error response."""

from rest_framework.exceptions import APIException, AuthenticationFailed, NotFound


class LengthRequired(APIException):
    """The body is chunked, which Django does not read: it would count as empty."""

    status_code = 411
    default_detail = "Send the body with a Content-Length."


class UnsupportedContentEncoding(APIException):
    """The body is compressed."""

    status_code = 415
    default_detail = "Send the body without Content-Encoding: a compressed body is not read."
    headers = {"Accept-Encoding": "identity"}  # RFC 9110, section 12.5.3.


class TaskNotFound(NotFound):
    """The caller has no such task: it does not exist, belongs to another user, or is in the trash."""

    default_detail = "Task not found"


class OwnerNotFound(AuthenticationFailed):
    """The user's row is missing: it was deleted, perhaps while the request was running."""

    default_detail = "The user does not exist."


class PreconditionFailed(APIException):
    """The task has another version than `If-Match` names. Nothing was written."""

    status_code = 412
    default_detail = "Task has changed"

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version
        self.headers = {"ETag": f'"{version}"'}


class TaskLimitReached(APIException):
    """The list contains as many tasks as a user may have."""

    status_code = 409
    default_detail = "You have reached the limit of tasks. Delete some to make room."
    error_code = "TASK_LIMIT_REACHED"


class IdempotencyKeyReused(APIException):
    """The key was used before, with another body."""

    status_code = 422
    default_detail = "This Idempotency-Key was used with another body."
    error_code = "IDEMPOTENCY_KEY_REUSED"


class RevisionExpired(APIException):
    """The copy cannot be updated: its list was erased or restored, or the changes are older than the retention."""

    status_code = 410
    default_detail = "This revision has expired. Discard your copy and sync again without `since`."
    error_code = "REVISION_EXPIRED"

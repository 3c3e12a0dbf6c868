"""The task operations over HTTP."""

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig
from django.urls import reverse
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, AuthenticationFailed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import caller_of_request
from accounts.mirror import restore_row
from tasks import list_query, lists, reads, writes
from tasks.exceptions import TaskNotFound
from tasks.idempotency import digest_of, key_of
from tasks.list_query import ListQuery
from tasks.models import TaskQuerySet
from tasks.openapi import tasks as openapi
from tasks.preconditions import etag_of, is_unchanged, list_etag, list_states_known, versions_matched
from tasks.preferences import wants_exact_count
from tasks.serializers import MARK_ALL, NEW_TASK, TASK_CHANGES
from tasks.views.owned import OwnedViewSet

LARGEST_ID = 2**63 - 1
MOST_TRIES = 10  # Beside somebody who erases the caller again and again.


@openapi.describe_tasks
class TaskViewSet(OwnedViewSet):
    """The caller's own tasks. Checks come in the contract's order: 401, 403, 404, the input, 412, 409."""

    lookup_url_kwarg = "task_id"
    lookup_value_converter = "str"

    def list(self, request: Request, user_id: str) -> Response:
        """The caller's tasks that the query asks for, all of them or a page; 304 where they have not changed."""
        query, counted = list_query.read(request.query_params, self.caller_id), wants_exact_count(request)
        listed = lists.read(self.caller_id, query, known=list_states_known(request, query, counted), counted=counted)
        headers = {"ETag": list_etag(listed.state, query, counted), "Vary": "Prefer"}
        if listed.total is not None:
            headers |= {"X-Total-Count": str(listed.total), "Preference-Applied": "count=exact"}
        if listed.last is not None:
            headers["Link"] = f'<{self.next_page(query, listed.last)}>; rel="next"'
        return Response(listed.json, status=304 if listed.json is None else 200, headers=headers)

    def next_page(self, query: ListQuery, last: tuple[str | None, int]) -> str:
        """The address of the page after `last`, relative to this server."""
        params = {name: self.request.query_params.getlist(name) for name in list_query.PARAMETERS}
        params["cursor"] = [query.cursor(self.caller_id, *last)]
        return f"{reverse('task-list', kwargs={'user_id': self.caller_id})}?{urlencode(params, doseq=True)}"

    def create(self, request: Request, user_id: str) -> Response:
        """A new task of the caller's, or the one that the same Idempotency-Key made."""
        key = key_of(request)
        fields = self.body(NEW_TASK)
        if key is not None:
            fields |= {"key": key, "digest": digest_of(request)}
        for _ in range(MOST_TRIES):
            written = writes.create(self.caller_id, self.writer, **fields)
            if written is not None:
                break
            restore_row(caller_of_request(request))  # The mirrored user was erased since their token was seen.
        else:
            raise AuthenticationFailed
        answer = written_answer(written, status=201)
        path = {"user_id": self.caller_id, "task_id": json.loads(written.json)["id"]}
        answer.headers["Location"] = reverse("task-detail", kwargs=path)
        if written.is_replay:
            answer.headers["Idempotency-Replayed"] = "true"
        return answer

    def retrieve(self, request: Request, user_id: str, task_id: str) -> Response:
        """One task; 304 where If-None-Match names its version."""
        row = reads.read(self.caller_id, self.task_id)
        if row is None:
            raise TaskNotFound
        version, json = row
        if is_unchanged(request, etag_of(version)):
            return Response(status=304, headers={"ETag": etag_of(version)})
        return task_answer(json, version)

    def update(self, request: Request, user_id: str, task_id: str) -> Response:
        """Change the members that the body names, and no other."""
        changes, versions = self.acceptable(lambda: (self.body(TASK_CHANGES), versions_matched(request)))
        return written_answer(writes.change(self.caller_id, self.task_id, self.writer, changes, versions))

    def partial_update(self, request: Request, user_id: str, task_id: str) -> Response:
        """The same, as RFC 7396 has it: a PUT here merges, too."""
        return self.update(request, user_id, task_id)

    def destroy(self, request: Request, user_id: str, task_id: str) -> Response:
        """Move the task to the trash."""
        writes.trash(self.caller_id, self.task_id, self.writer, self.versions())
        return Response(status=204)

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> Response:
        """Complete a pending task, reopen a completed one. A body is not looked at."""
        return written_answer(writes.toggle(self.caller_id, self.task_id, self.writer, self.versions()))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, user_id: str, task_id: str) -> Response:
        """Take the task out of the trash; a live one stays as it is."""
        versions = self.acceptable(lambda: versions_matched(request), in_trash_too=True)
        return written_answer(writes.restore(self.caller_id, self.task_id, self.writer, versions))

    @openapi.describe_mark_all
    def mark_all(self, request: Request, user_id: str) -> Response:
        """Complete or reopen all tasks of a status, in one statement."""
        status = self.choice("status", writes.COMPLETION)
        completed = self.body(MARK_ALL)["completed"]
        updated = writes.mark_all(self.caller_id, self.writer, status=status, completed=completed)
        return Response({"updated": updated})

    @openapi.describe_clear
    def clear(self, request: Request, user_id: str) -> Response:
        """Move the completed tasks, or all, to the trash, in one statement."""
        status = self.choice("status", ["completed", "all"])
        return Response({"deleted": writes.clear(self.caller_id, self.writer, status=status)})

    @property
    def task_id(self) -> int:
        """The id that the path names. Raises ValidationError for no integer, TaskNotFound for no id there can be."""
        text = self.kwargs["task_id"]
        if not re.fullmatch(r"-?[0-9]+", text):
            raise ValidationError({"task_id": ["A valid integer is required."]})
        number = text.lstrip("0")  # Python makes no integer of thousands of digits, be they zeros.
        if not re.fullmatch(r"[0-9]{1,19}", number) or int(number) > LARGEST_ID:
            raise TaskNotFound
        return int(number)

    def tasks_of_path(self) -> TaskQuerySet:
        """The caller's task that the path names, the trash included: one row, or none where it is not theirs."""
        return self.get_queryset().filter(pk=self.task_id)

    def versions(self) -> Sequence[int] | None:
        """The versions that If-Match accepts, None where any will do."""
        return self.acceptable(lambda: versions_matched(self.request))

    def acceptable[T](self, read: Callable[[], T], *, in_trash_too: bool = False) -> T:
        """What `read` makes of the input. Where it is refused, the task of the path is looked for: 404 goes before."""
        try:
            return read()
        except (APIException, RequestDataTooBig):
            tasks = self.tasks_of_path()
            if not (tasks if in_trash_too else tasks.live()).exists():
                raise TaskNotFound from None
            raise


def task_answer(json: str, version: int, status: int = 200) -> Response:
    """The answer with one task, and its version as entity tag."""
    return Response(json.encode(), status=status, headers={"ETag": etag_of(version)})


def written_answer(written: writes.Written, status: int = 200) -> Response:
    """The answer with a task after it was written."""
    return task_answer(written.json, written.version, status)

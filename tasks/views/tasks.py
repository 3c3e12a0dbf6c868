"""The operations on tasks."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, QueryDict
from django.utils.encoding import escape_uri_path
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.row_security import rows_of
from accounts.users import restore_user
from tasks import operations
from tasks.exceptions import LengthRequired, TaskNotFound, UnsupportedContentEncoding
from tasks.list_query import ListQuery
from tasks.opaque_tokens import InvalidOpaqueTokenError
from tasks.openapi.tasks import describe_clear, describe_mark_all, describe_tasks
from tasks.operations import Actor, WriteResult
from tasks.serializers import (
    CLEAR_QUERY,
    LIST_QUERY,
    MARK_ALL,
    MARK_ALL_QUERY,
    NEW_TASK,
    SET_BY_THE_API,
    TASK_CHANGES,
    refuse_unknown,
)
from tasks.sql.lists import find_task, list_tasks
from tasks.views.base import OwnedViewSet, empty_response, json_response
from tasks.views.headers import (
    ListETag,
    idempotent_request,
    is_not_modified,
    is_strict,
    versions_in_if_match,
    wants_total,
)

MAX_ID = 2**63 - 1
INPUT_STATUSES = {400, 411, 413, 415, 422}


@describe_tasks
class TaskViewSet(OwnedViewSet):
    """The caller's tasks. Order of checks: 401, 403, 404, the input, 412, 409."""

    oauth_scope = "tasks"
    lookup_url_kwarg = "task_id"
    lookup_value_converter = "str"
    queries = {"list": LIST_QUERY, "mark_all": MARK_ALL_QUERY, "clear": CLEAR_QUERY}

    def list(self, request: Request, user_id: str) -> HttpResponse:
        """Return the whole list or a page of it; 304 if it has not changed."""
        query = self.list_query()
        etag = ListETag(query)
        page = list_tasks(self.caller.id, query, known_states=etag.known_states(request))
        headers = {"ETag": f'"{page.state}{etag.suffix}"', "Vary": "Prefer"}
        if page.total is not None:
            headers |= {"X-Total-Count": str(page.total), "Preference-Applied": "count=exact"}
        if page.last is not None:
            headers["Link"] = f'<{self.next_url(query.next_cursor(self.caller.id, page.last))}>; rel="next"'
        if page.json is None:
            return empty_response(304, headers)
        return json_response(page.json, headers=headers)

    def list_query(self) -> ListQuery:
        """Return what the query parameters and `Prefer` ask for. Raises ValidationError."""
        text = self.request.META.get("QUERY_STRING", "")
        values = dict(known_parameters(text) if len(text) <= LONGEST_KNOWN_QUERY else list_parameters(text))
        cursor: str | None = values.pop("cursor", None)
        query = ListQuery(**values, with_total=wants_total(self.request))
        try:
            return query.resume(self.caller.id, cursor) if cursor is not None else query
        except InvalidOpaqueTokenError as error:
            raise ValidationError({"cursor": ["Not a cursor of this list. Start again without it."]}) from error

    def next_url(self, cursor: str) -> str:
        """Return the URL of the next page, relative to this server."""
        params = {name: values for name, values in self.request.query_params.lists() if name in LIST_QUERY.fields}
        return f"{self.request_path}?{urlencode(params | {'cursor': [cursor]}, doseq=True)}"

    def create(self, request: Request, user_id: str) -> HttpResponse:
        """Create a task, or return the one that the same Idempotency-Key created."""
        key, fields = idempotent_request(request), self.body(NEW_TASK)
        restore = partial(restore_user, self.caller)
        result = operations.create(self.caller.id, self.actor, fields, request=key, restore_user=restore)
        response = task_response(result, status=201)
        response.headers["Location"] = f"{self.request_path}/{json.loads(result.json)['id']}"
        if result.is_replay:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def retrieve(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Return one task; 304 if If-None-Match names its version."""
        found = find_task(self.caller.id, self.task_id)
        if found is None:
            raise TaskNotFound
        version, task = found
        if is_not_modified(request, version):
            return empty_response(304, {"ETag": etag_of(version)})
        return task_response(WriteResult(task, version))

    def update(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Change the fields that the body names."""
        changes, versions = self.body(TASK_CHANGES), versions_in_if_match(request)
        return task_response(operations.change(self.caller.id, self.task_id, self.actor, changes, versions))

    def partial_update(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Merge the body into the task (RFC 7396), as PUT does."""
        return self.update(request, user_id, task_id)

    def destroy(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Move the task to the trash."""
        operations.trash(self.caller.id, self.task_id, self.actor, versions_in_if_match(request))
        return empty_response(204)

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Complete a pending task, reopen a completed one. The body is ignored."""
        return task_response(operations.toggle(self.caller.id, self.task_id, self.actor, versions_in_if_match(request)))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        """Move the task out of the trash; a live one stays as it is."""
        return task_response(
            operations.restore(self.caller.id, self.task_id, self.actor, versions_in_if_match(request))
        )

    @describe_mark_all
    def mark_all(self, request: Request, user_id: str) -> Response:
        """Complete or reopen all tasks of a status."""
        status, completed = MARK_ALL_QUERY.parse(request.query_params)["status"], self.body(MARK_ALL)["completed"]
        return Response(
            {"updated": operations.mark_all(self.caller.id, self.actor, status=status, completed=completed)}
        )

    @describe_clear
    def clear(self, request: Request, user_id: str) -> Response:
        """Move the completed tasks, or all, to the trash."""
        status = CLEAR_QUERY.parse(request.query_params)["status"]
        return Response({"deleted": operations.clear(self.caller.id, self.actor, status=status)})

    def body(self, serializer: Serializer[Any]) -> dict[str, Any]:
        """Return the validated request body. Raises an APIException that says what is wrong with it.

        serializer: one instance for all requests. A new one for each took 0.15 ms, because DRF copies every field.
        """
        if "HTTP_TRANSFER_ENCODING" in self.request.META:
            raise LengthRequired
        if self.request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
            raise UnsupportedContentEncoding
        if not self.request._request.body:
            raise ParseError("The body is empty: a JSON object is needed.")
        parsed = self.parsed_body()
        if isinstance(parsed, dict) and is_strict(self.request):
            refuse_unknown(parsed, [*serializer.fields, *SET_BY_THE_API], "field")
        validated: dict[str, Any] = serializer.run_validation(parsed)
        return validated

    def parsed_body(self) -> Any:
        """Return the JSON of the body. DRF's `request.data` does the same, and looks for forms and files too."""
        parser = self.get_content_negotiator().select_parser(self.request, self.get_parsers())
        if parser is None:
            raise UnsupportedMediaType(self.request.content_type)
        return parser.parse(self.request.stream, parser_context={"request": self.request})

    @property
    def actor(self) -> Actor:
        return Actor(self.caller.actor)

    @property
    def request_path(self) -> str:
        return escape_uri_path(self.request._request.path.rstrip("/"))

    @property
    def task_id(self) -> int:
        """The id in the path. Raises ValidationError if it is not an integer, TaskNotFound if no task can have it."""
        text = self.kwargs["task_id"]
        if not re.fullmatch(r"-?[0-9]+", text):
            raise ValidationError({"task_id": ["A valid integer is required."]})
        digits = text.lstrip("0")  # int() refuses thousands of digits, even zeros.
        if not re.fullmatch(r"[0-9]{1,19}", digits) or int(digits) > MAX_ID:
            raise TaskNotFound
        return int(digits)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer 404 instead of refusing the input, if the caller has no such task: a 404 never depends on the body."""
        if "task_id" in self.kwargs and is_refused_input(exc):
            try:
                exc = exc if self.has_task() else TaskNotFound()
            except Exception as error:  # noqa: BLE001  the database may be away, and the id in the path may be invalid.
                exc = error
        return super().handle_exception(exc)

    def has_task(self) -> bool:
        tasks = self.get_queryset().filter(pk=self.task_id)
        with rows_of(self.caller.id):
            return (tasks if self.action == "restore" else tasks.live()).exists()


def list_parameters(query_string: str) -> Mapping[str, Any]:
    """Return the validated query parameters of a list. Raises ValidationError."""
    return MappingProxyType(LIST_QUERY.parse(QueryDict(query_string)))


# Apps ask the same few questions again and again, and DRF takes 0.1 ms to validate one. A long one is a search or a
# cursor, asked once: a thousand of them would take the memory of a worker.
LONGEST_KNOWN_QUERY = 512
known_parameters = lru_cache(maxsize=1024)(list_parameters)


def etag_of(version: int) -> str:
    """Return the entity tag of a task's version: a client can build it from a row of a list."""
    return f'"{version}"'


def is_refused_input(error: Exception) -> bool:
    return isinstance(error, RequestDataTooBig) or (
        isinstance(error, APIException) and error.status_code in INPUT_STATUSES
    )


def task_response(result: WriteResult, status: int = 200) -> HttpResponse:
    """Return a response with one task, and its version as the entity tag."""
    return json_response(result.json.encode(), status, {"ETag": etag_of(result.version)})

"""This API's tasks as a Django developer would first write them: querysets, `.values()` and `save()`, and DRF's Response.

Authentication, permissions, validation, middleware, tables and triggers are this API's own. So are `save()` and
`update()` of its model, which lock the list first. The history names the database's role as the actor.
"""

import hashlib
from typing import Any

import orjson
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.exceptions import TaskLimitReached
from tasks.models import FOLDED_TITLE, Task, TaskList
from tasks.serializers import LIST_QUERY, NEW_TASK, TASK_CHANGES
from tasks.sql.fragments import FIELDS
from tasks.views.base import OwnedViewSet

ORDERS = {"created": ("-created_at", "-id"), "title": (FOLDED_TITLE, "id")}
STATUSES = {
    "all": {"deleted_at": None},
    "pending": {"deleted_at": None, "completed": False},
    "completed": {"deleted_at": None, "completed": True},
    "deleted": {"deleted_at__isnull": False},
}
PAGE_LIMIT = 10_000


class PreconditionFailed(APIException):
    status_code = 412


class FastJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)


class OrmTaskViewSet(OwnedViewSet):
    renderer_classes = (FastJSONRenderer,)
    lookup_url_kwarg = "task_id"
    lookup_value_converter = "int"

    def list(self, request: Request, user_id: str) -> Response:
        query = LIST_QUERY.parse(request.query_params)
        state = TaskList.objects.values_list("epoch", "revision", "changed_at").get(user=self.caller.id)
        etag = f'"{hashlib.blake2b(repr((state, query)).encode(), digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        tasks = self.get_queryset().filter(**STATUSES[query["status"]]).order_by(*ORDERS[query["sort"]])
        return Response(list(tasks.values(*FIELDS)[: query.get("limit", PAGE_LIMIT)]), headers={"ETag": etag})

    def create(self, request: Request, user_id: str) -> Response:
        fields = NEW_TASK.run_validation(request.data)
        if self.get_queryset().live().count() >= PAGE_LIMIT:
            raise TaskLimitReached
        return self.task_response(Task.objects.create(user_id=self.caller.id, **fields), 201)

    def retrieve(self, request: Request, user_id: str, task_id: int) -> Response:
        task = self.task()
        etag = f'"{task.version}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return self.task_response(task)

    def update(self, request: Request, user_id: str, task_id: int) -> Response:
        return self.changed(self.task(), TASK_CHANGES.run_validation(request.data))

    def destroy(self, request: Request, user_id: str, task_id: int) -> Response:
        self.changed(self.task(), {"deleted_at": timezone.now()})
        return Response(status=204)

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: int) -> Response:
        task = self.task()
        return self.changed(task, {"completed": not task.completed})

    def task(self) -> Task:
        try:
            return self.get_queryset().live().get(pk=self.kwargs["task_id"])
        except Task.DoesNotExist as error:
            raise NotFound("Task not found") from error

    def changed(self, task: Task, changes: dict[str, Any]) -> Response:
        if self.request.headers.get("If-Match") not in {None, "*", f'"{task.version}"'}:
            raise PreconditionFailed("Task has changed")
        for name, value in changes.items():
            setattr(task, name, value)
        task.save()  # Raises StaleTaskError if somebody wrote in between.
        return self.task_response(task)

    def task_response(self, task: Task, status: int = 200) -> Response:
        content = {name: getattr(task, name) for name in FIELDS}
        return Response(content, status, headers={"ETag": f'"{task.version}"'})

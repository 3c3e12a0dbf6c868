"""The task API on django-modern-rest, with msgspec, and without validation of its own responses."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from dmr import APIError, Body, Controller, Path, Query, modify
from dmr.plugins.msgspec import MsgspecSerializer
from dmr.routing import Router, path
from dmr.security import SyncAuth

from todo import models
from todo.tokens import caller_of


class Bearer(SyncAuth):
    www_authenticate_challenge = "Bearer"
    security_schemes: dict[str, Any] = {}
    security_requirements: dict[str, Any] = {}

    def __call__(self, endpoint: Any, controller: Any) -> "Bearer | None":
        caller = caller_of(controller.request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if caller is None:
            return None
        if caller != controller.kwargs["user_id"]:
            raise error(HTTPStatus.FORBIDDEN, "Cannot access another user's tasks")
        controller.request.caller = caller
        return self


def error(status: HTTPStatus, detail: str) -> APIError[dict[str, str]]:
    return APIError({"detail": detail}, status_code=status)


Title = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\S")]
Description = Annotated[str, msgspec.Meta(max_length=1000)]


class NewTask(msgspec.Struct):
    title: Title
    description: Description | None = None


class TaskChanges(msgspec.Struct):
    title: Title | msgspec.UnsetType = msgspec.UNSET
    description: Description | None | msgspec.UnsetType = msgspec.UNSET
    completed: bool | msgspec.UnsetType = msgspec.UNSET


class ListQuery(msgspec.Struct):
    status: Literal["all", "pending", "completed"] = "all"
    sort: Literal["created", "title"] = "created"
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0


class TaskOut(msgspec.Struct):
    id: int
    user_id: str
    title: str
    description: str | None
    completed: bool
    created_at: datetime
    updated_at: datetime


class ListPath(msgspec.Struct):
    user_id: str


class TaskPath(msgspec.Struct):
    user_id: str
    task_id: int


class Tasks(Controller[MsgspecSerializer]):
    auth = (Bearer(),)
    validate_responses = False

    def found(self, task: dict[str, Any] | None) -> TaskOut:
        if task is None:
            raise error(HTTPStatus.NOT_FOUND, "Task not found")
        return TaskOut(**task)


class TaskListController(Tasks):
    def get(self, parsed_path: Path[ListPath], parsed_query: Query[ListQuery]) -> list[TaskOut]:
        query = msgspec.structs.asdict(parsed_query)
        return [TaskOut(**task) for task in models.list_tasks(self.request.caller, **query)]

    def post(self, parsed_path: Path[ListPath], parsed_body: Body[NewTask]) -> TaskOut:
        title = parsed_body.title
        return TaskOut(
            **models.create_task(self.request.caller, title=title, description=parsed_body.description)
        )


class TaskController(Tasks):
    def get(self, parsed_path: Path[TaskPath]) -> TaskOut:
        return self.found(models.find_task(self.request.caller, parsed_path.task_id))

    def put(self, parsed_path: Path[TaskPath], parsed_body: Body[TaskChanges]) -> TaskOut:
        changes = {k: v for k, v in msgspec.structs.asdict(parsed_body).items() if v is not msgspec.UNSET}
        return self.found(models.update_task(self.request.caller, parsed_path.task_id, **changes))

    @modify(status_code=HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[TaskPath]) -> None:
        if not models.delete_task(self.request.caller, parsed_path.task_id):
            raise error(HTTPStatus.NOT_FOUND, "Task not found")


class CompleteController(Tasks):
    def patch(self, parsed_path: Path[TaskPath]) -> TaskOut:
        return self.found(models.toggle_task(self.request.caller, parsed_path.task_id))


router = Router(
    "api/",
    [
        path("<str:user_id>/tasks", TaskListController.as_view(), name="tasks"),
        path("<str:user_id>/tasks/<int:task_id>", TaskController.as_view(), name="task"),
        path("<str:user_id>/tasks/<int:task_id>/complete", CompleteController.as_view(), name="complete"),
    ],
)
urlpatterns = [router.to_urlpatterns(namespace="api")]

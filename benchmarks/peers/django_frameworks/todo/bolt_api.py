"""The task API on django-bolt: its Rust server verifies the tokens; the ORM runs in its threads."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.conf import settings
from django_bolt import BoltAPI
from django_bolt.auth import IsAuthenticated, JWTAuthentication
from django_bolt.exceptions import Forbidden, NotFound

from todo import models

api = BoltAPI()
urlpatterns: list[Any] = []
OWNED: dict[str, Any] = {"auth": [JWTAuthentication(settings.BETTER_AUTH_SECRET)], "guards": [IsAuthenticated()]}

Title = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\S")]
Description = Annotated[str, msgspec.Meta(max_length=1000)]


class NewTask(msgspec.Struct):
    title: Title
    description: Description | None = None


class TaskChanges(msgspec.Struct):
    title: Title | msgspec.UnsetType = msgspec.UNSET
    description: Description | None | msgspec.UnsetType = msgspec.UNSET
    completed: bool | msgspec.UnsetType = msgspec.UNSET


class TaskOut(msgspec.Struct):
    id: int
    user_id: str
    title: str
    description: str | None
    completed: bool
    created_at: datetime
    updated_at: datetime


def caller(request: Any, user_id: str) -> str:
    """Return the caller's id. Raises 403 if the path is not the caller's."""
    if request.context["user_id"] != user_id:
        raise Forbidden(detail="Cannot access another user's tasks")
    return user_id


def found(task: dict[str, Any] | None) -> TaskOut:
    if task is None:
        raise NotFound(detail="Task not found")
    return TaskOut(**task)


@api.get("/api/{user_id}/tasks", **OWNED)
def list_tasks(
    request,
    user_id: str,
    status: Literal["all", "pending", "completed"] = "all",
    sort: Literal["created", "title"] = "created",
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None,
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0,
) -> list[TaskOut]:
    return [TaskOut(**task) for task in models.list_tasks(caller(request, user_id), status, sort, limit, offset)]


@api.post("/api/{user_id}/tasks", status_code=201, **OWNED)
def create_task(request, user_id: str, body: NewTask) -> TaskOut:
    return found(
        models.create_task(caller(request, user_id), title=body.title, description=body.description)
    )


@api.get("/api/{user_id}/tasks/{task_id}", **OWNED)
def get_task(request, user_id: str, task_id: int) -> TaskOut:
    return found(models.find_task(caller(request, user_id), task_id))


@api.put("/api/{user_id}/tasks/{task_id}", **OWNED)
def update_task(request, user_id: str, task_id: int, body: TaskChanges) -> TaskOut:
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
    return found(models.update_task(caller(request, user_id), task_id, **changes))


@api.patch("/api/{user_id}/tasks/{task_id}/complete", **OWNED)
def toggle_task(request, user_id: str, task_id: int) -> TaskOut:
    return found(models.toggle_task(caller(request, user_id), task_id))


@api.delete("/api/{user_id}/tasks/{task_id}", status_code=204, **OWNED)
def delete_task(request, user_id: str, task_id: int) -> None:
    if not models.delete_task(caller(request, user_id), task_id):
        raise NotFound(detail="Task not found")

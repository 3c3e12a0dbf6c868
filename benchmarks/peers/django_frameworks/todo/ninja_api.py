"""The task API on django-ninja."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.urls import path
from ninja import Field, NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.responses import Status
from ninja.security import HttpBearer
from pydantic import StringConstraints

from todo import models
from todo.tokens import caller_of


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        caller = caller_of(token)
        if caller is not None and request.resolver_match.kwargs["user_id"] != caller:
            raise HttpError(403, "Cannot access another user's tasks")
        return caller


Title = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Description = Annotated[str | None, Field(max_length=1000)]


class NewTask(Schema):
    title: Title
    description: Description = None


class TaskChanges(Schema):
    title: Title = None
    description: Description = None
    completed: bool = None


class TaskOut(Schema):
    id: int
    user_id: str
    title: str
    description: str | None
    completed: bool
    created_at: datetime
    updated_at: datetime


api = NinjaAPI(auth=Bearer())


def found(task: dict[str, Any] | None) -> dict[str, Any]:
    if task is None:
        raise HttpError(404, "Task not found")
    return task


@api.get("/{user_id}/tasks", response=list[TaskOut])
def list_tasks(
    request: HttpRequest,
    user_id: str,
    status: Literal["all", "pending", "completed"] = "all",
    sort: Literal["created", "title"] = "created",
    limit: Annotated[int | None, Field(ge=1, le=200)] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
):
    return models.list_tasks(request.auth, status, sort, limit, offset)


@api.post("/{user_id}/tasks", response={201: TaskOut})
def create_task(request: HttpRequest, user_id: str, body: NewTask):
    return Status(201, models.create_task(request.auth, **body.dict()))


@api.get("/{user_id}/tasks/{task_id}", response=TaskOut)
def get_task(request: HttpRequest, user_id: str, task_id: int):
    return found(models.find_task(request.auth, task_id))


@api.put("/{user_id}/tasks/{task_id}", response=TaskOut)
def update_task(request: HttpRequest, user_id: str, task_id: int, body: TaskChanges):
    return found(models.update_task(request.auth, task_id, **body.dict(exclude_unset=True)))


@api.patch("/{user_id}/tasks/{task_id}/complete", response=TaskOut)
def toggle_task(request: HttpRequest, user_id: str, task_id: int):
    return found(models.toggle_task(request.auth, task_id))


@api.delete("/{user_id}/tasks/{task_id}", response={204: None})
def delete_task(request: HttpRequest, user_id: str, task_id: int):
    if not models.delete_task(request.auth, task_id):
        raise HttpError(404, "Task not found")
    return Status(204, None)


urlpatterns = [path("api/", api.urls)]

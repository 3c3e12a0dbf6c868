"""The table of ../plain_table/schema.sql, and what is done with it through the ORM: rows become dictionaries."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower, Now

COLUMNS = ("id", "user_id", "title", "description", "completed", "created_at", "updated_at")
STATUSES = {"all": {}, "pending": {"completed": False}, "completed": {"completed": True}}
ORDERS = {"created": ("-created_at", "-id"), "title": (Lower("title"), "id")}


class Task(models.Model):
    id = models.BigAutoField(primary_key=True)
    user_id = models.TextField()
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, null=True)
    completed = models.BooleanField(db_default=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "tasks"
        managed = False


def list_tasks(user_id: str, status: str, sort: str, limit: int | None, offset: int) -> list[dict[str, Any]]:
    tasks = Task.objects.filter(user_id=user_id, **STATUSES[status]).order_by(*ORDERS[sort])
    return list(tasks.values(*COLUMNS)[offset : None if limit is None else offset + limit])


def find_task(user_id: str, task_id: int) -> dict[str, Any] | None:
    return Task.objects.filter(user_id=user_id, id=task_id).values(*COLUMNS).first()


def trimmed(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"title": fields["title"].strip()} if "title" in fields else fields


def create_task(user_id: str, **fields: Any) -> dict[str, Any]:
    task = Task.objects.create(user_id=user_id, **trimmed(fields))
    return {column: getattr(task, column) for column in COLUMNS}


def update_task(user_id: str, task_id: int, **changes: Any) -> dict[str, Any] | None:
    Task.objects.filter(user_id=user_id, id=task_id).update(updated_at=Now(), **trimmed(changes))
    return find_task(user_id, task_id)


def toggle_task(user_id: str, task_id: int) -> dict[str, Any] | None:
    return update_task(user_id, task_id, completed=~models.F("completed"))


def delete_task(user_id: str, task_id: int) -> bool:
    deleted, _ = Task.objects.filter(user_id=user_id, id=task_id).delete()
    return deleted == 1

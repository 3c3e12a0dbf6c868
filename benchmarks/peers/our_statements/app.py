"""This API's work on FastAPI: its own statements on its own tables, so that only the framework and the driver differ.

PostgreSQL writes the same JSON; triggers record each change; versions, entity tags, conditional requests, the limit of
tasks, idempotency keys and the encrypted cursors of pages are there. Not there: CORS, request ids, the access log, JSON
errors, filters and other sorts of lists, If-Match, and the mirrored user.
"""

import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

import asyncpg
import django
import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import AfterValidator, BaseModel, StringConstraints

os.environ["DJANGO_SETTINGS_MODULE"] = "todo_project.settings"
django.setup()

from django.conf import settings

from tasks.constraints import Priority, distinct_tags
from tasks.list_query import ListQuery
from tasks.models import FIELD_DEFAULTS
from tasks.sql import lists, writes
from tasks.sql.fragments import FIELDS
from tasks.sql.writes import WriteOne

MAX_TOKENS = 10_000
seen_tokens: dict[str, tuple[str, int]] = {}


@cache
def positional(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement with $1, $2 … instead of %(name)s, and the names in that order."""
    names = tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    return re.sub(r"%\((\w+)\)s", lambda match: f"${names.index(match[1]) + 1}", statement), names


async def rows_of(statement: str, params: Mapping[str, Any]) -> list[asyncpg.Record]:
    text, names = positional(statement)
    rows: list[asyncpg.Record] = await app.state.pool.fetch(text, *[params[name] for name in names])
    return rows


async def keep(connection: asyncpg.Connection) -> None:
    """Return a connection to the pool as it is."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    one_plan = {"plan_cache_mode": "force_generic_plan"}  # As the API's own connections have it.
    url = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=10, max_size=10, reset=keep, server_settings=one_plan) as pool:
        app.state.pool = pool
        yield


app = FastAPI(title="Todo API", lifespan=lifespan)


async def owner(user_id: str, authorization: Annotated[str, Header()] = "") -> str:
    """Return the caller's id. Raises 401 without a valid token, and 403 if the path is not the caller's."""
    token = authorization.removeprefix("Bearer ")
    caller, expiry = seen_tokens.get(token, ("", 0))
    if expiry <= time.time():
        try:
            claims = jwt.decode(
                token, settings.BETTER_AUTH_SECRET, algorithms=["HS256"], options={"require": ["sub", "exp"]}
            )
        except jwt.InvalidTokenError as error:
            raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from error
        if len(seen_tokens) >= MAX_TOKENS:
            seen_tokens.clear()
        caller, _ = seen_tokens[token] = claims["sub"], claims["exp"]
    if caller != user_id:
        raise HTTPException(403, "Cannot access another user's tasks")
    return caller


Owner = Annotated[str, Depends(owner)]
IfNoneMatch = Annotated[str, Header()]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(max_length=1000)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Tags = Annotated[list[Tag], AfterValidator(distinct_tags)]


class NewTask(BaseModel):
    title: Title
    description: Description | None = None
    due_date: date | None = None
    priority: Priority = Priority.NONE
    tags: Tags = []


class TaskChanges(BaseModel):
    title: Title | None = None
    description: Description | None = None
    completed: bool | None = None
    due_date: date | None = None
    priority: Priority = Priority.NONE
    tags: Tags = []


OWN_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def response(json: str | bytes | None, status: int, headers: dict[str, str]) -> Response:
    return Response(json, status, OWN_HEADERS | headers, "application/json" if json is not None else None)


@app.get("/api/{user_id}/tasks")
async def list_tasks(
    request: Request,
    user_id: Owner,
    if_none_match: IfNoneMatch = "",
    status: Literal["all", "pending", "completed", "deleted"] = "all",
    sort: Literal["created", "title"] = "created",
    limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    cursor: str | None = None,
) -> Response:
    query = ListQuery(status=status, sort=sort, order="desc" if sort == "created" else "asc", limit=limit)
    if cursor is not None:
        query = query.resume(user_id, cursor)
    suffix = "-" + hashlib.blake2b(repr((FIELDS, query)).encode(), digest_size=6).hexdigest()
    known = [tag.removesuffix(suffix) for tag in re.findall(r'"([^"]*)"', if_none_match) if tag.endswith(suffix)]
    key, task_id = query.after or ("", 0)
    shape = lists.Shape(status, sort, query.order, (), with_total=False, starts="key" if query.after else "start")
    statement = lists.whole_list(shape) if limit is None else lists.page(shape)
    rows = await rows_of(
        statement, {"user_id": user_id, "known": known, "limit": limit, "key": key, "id": task_id}
    )
    state = rows[0][0] if rows else lists.NO_LIST
    headers = {"ETag": f'"{state}{suffix}"', "Vary": "Authorization, Prefer"}
    if state in known:
        return response(None, 304, headers)
    if limit is not None and len(rows) > limit:
        following = query.next_cursor(user_id, (rows[-2][3], rows[-2][4]))
        headers["Link"] = f'<{request.url.path}?limit={limit}&cursor={following}>; rel="next"'
    json = ",".join([row[2] for row in rows[:limit] if row[2] is not None])
    return response(f"[{json}]", 200, headers)


@app.post("/api/{user_id}/tasks")
async def create_task(
    request: Request, user_id: Owner, task: NewTask, idempotency_key: Annotated[str | None, Header()] = None
) -> Response:
    body_hash = hashlib.sha256(await request.body()).digest() if idempotency_key else b""
    params = FIELD_DEFAULTS | task.model_dump() | {"key": idempotency_key, "body_hash": body_hash}
    params |= write_params(user_id)
    if idempotency_key is None and (rows := await rows_of(writes.CREATE.quick, params)):
        version, json = rows[0]
        return created(request, version, json)
    row, *_ = await rows_of(writes.CREATE.full, params)
    version, json, is_same, seen = row
    if seen is not None:
        if not is_same:
            raise HTTPException(422, "Idempotency-Key was used with another body")
        return response(seen, 201, {"ETag": '"1"', "Idempotency-Replayed": "true"})
    if version is None:
        raise HTTPException(409, "Task limit reached")
    return created(request, version, json)


def created(request: Request, version: int, json: str) -> Response:
    number = json[json.index(":") + 1 : json.index(",")]
    return response(json, 201, {"ETag": f'"{version}"', "Location": f"{request.url.path}/{number}"})


@app.get("/api/{user_id}/tasks/{task_id}")
async def get_task(user_id: Owner, task_id: int, if_none_match: IfNoneMatch = "") -> Response:
    rows = await rows_of(lists.ONE_TASK, {"user_id": user_id, "id": task_id})
    if not rows:
        raise HTTPException(404, "Task not found")
    version, json = rows[0]
    etag = {"ETag": f'"{version}"'}
    return response(None, 304, etag) if f'"{version}"' in if_none_match else response(json, 200, etag)


def write_params(user_id: str) -> dict[str, Any]:
    return {"user_id": user_id, "actor": user_id, "source": "api", "limit": settings.TASKS_PER_USER_LIMIT}


async def updated(write: WriteOne, user_id: str, task_id: int, changes: Mapping[str, Any] = {}) -> tuple[int, str]:
    """Return version and JSON of the task after a write made by `update_one`. Raises 404."""
    params = write_params(user_id) | {"id": task_id, "versions": None, **changes}
    if rows := await rows_of(write.quick, params):
        return rows[0][0], rows[0][1]
    rows = await rows_of(write.full, params)
    if not rows:
        raise HTTPException(404, "Task not found")
    _, _, version, json = rows[0]
    return version, json


def task_response(result: tuple[int, str]) -> Response:
    version, json = result
    return response(json, 200, {"ETag": f'"{version}"'})


@app.put("/api/{user_id}/tasks/{task_id}")
async def update_task(user_id: Owner, task_id: int, changes: TaskChanges) -> Response:
    values = changes.model_dump(exclude_unset=True)
    return task_response(await updated(writes.update_fields(frozenset(values)), user_id, task_id, values))


@app.patch("/api/{user_id}/tasks/{task_id}/complete")
async def toggle_task(user_id: Owner, task_id: int) -> Response:
    return task_response(await updated(writes.TOGGLE, user_id, task_id))


@app.delete("/api/{user_id}/tasks/{task_id}")
async def delete_task(user_id: Owner, task_id: int) -> Response:
    await updated(writes.TRASH, user_id, task_id)
    return response(None, 204, {})

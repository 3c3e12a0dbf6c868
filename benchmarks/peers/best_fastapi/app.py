"""A small task API on FastAPI, as fast as FastAPI's own means allow: no ORM, no response models, one statement each.

asyncpg prepares each statement once per connection. What its pool would run when a connection is returned (RESET ALL and
the like) is left out: no request changes the state of its connection. A verified token is remembered until it expires.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import asyncpg
import jwt
import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from pydantic import BaseModel, StringConstraints

SECRET = os.environ["BETTER_AUTH_SECRET"]
COLUMNS = "id, user_id, title, description, completed, created_at, updated_at"
MAX_TOKENS = 10_000

seen_tokens: dict[str, tuple[str, int]] = {}  # user id and expiry of each token that was verified


async def keep(connection: asyncpg.Connection) -> None:
    """Return a connection to the pool as it is."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10, reset=keep) as pool:
        app.state.pool = pool
        yield


app = FastAPI(title="Todo API", lifespan=lifespan)


async def owner(user_id: str, authorization: Annotated[str, Header()] = "") -> str:
    """Return the caller's id. Raises 401 without a valid token, and 403 if the path is not the caller's."""
    token = authorization.removeprefix("Bearer ")
    caller, expiry = seen_tokens.get(token, ("", 0))
    if expiry <= time.time():
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError as error:
            raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from error
        if len(seen_tokens) >= MAX_TOKENS:
            seen_tokens.clear()
        caller, _ = seen_tokens[token] = claims["sub"], claims["exp"]
    if caller != user_id:
        raise HTTPException(403, "Cannot access another user's tasks")
    return caller


Owner = Annotated[str, Depends(owner)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(max_length=1000)]


class NewTask(BaseModel):
    title: Title
    description: Description | None = None


class TaskChanges(BaseModel):
    title: Title | None = None
    description: Description | None = None
    completed: bool | None = None


def json_response(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), status, media_type="application/json")


def task_response(row: asyncpg.Record | None, status: int = 200) -> Response:
    if row is None:
        raise HTTPException(404, "Task not found")
    return json_response(dict(row), status)


STATUSES = {"all": "", "pending": "AND NOT completed", "completed": "AND completed"}
ORDERS = {"created": "created_at DESC, id DESC", "title": "lower(title), id"}


@app.get("/api/{user_id}/tasks")
async def list_tasks(
    user_id: Owner,
    status: Literal["all", "pending", "completed"] = "all",
    sort: Literal["created", "title"] = "created",
    limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    rows = await app.state.pool.fetch(
        f"SELECT {COLUMNS} FROM tasks WHERE user_id = $1 {STATUSES[status]} ORDER BY {ORDERS[sort]} LIMIT $2 OFFSET $3",
        user_id,
        limit,
        offset,
    )
    return json_response([dict(row) for row in rows])


@app.post("/api/{user_id}/tasks")
async def create_task(user_id: Owner, task: NewTask) -> Response:
    row = await app.state.pool.fetchrow(
        f"INSERT INTO tasks (user_id, title, description) VALUES ($1, $2, $3) RETURNING {COLUMNS}",
        user_id,
        task.title,
        task.description,
    )
    return task_response(row, 201)


@app.get("/api/{user_id}/tasks/{task_id}")
async def get_task(user_id: Owner, task_id: int) -> Response:
    return task_response(
        await app.state.pool.fetchrow(
            f"SELECT {COLUMNS} FROM tasks WHERE id = $1 AND user_id = $2", task_id, user_id
        )
    )


@app.put("/api/{user_id}/tasks/{task_id}")
async def update_task(user_id: Owner, task_id: int, changes: TaskChanges) -> Response:
    values = changes.model_dump(exclude_unset=True)
    assignments = "".join(f"{name} = ${place}, " for place, name in enumerate(values, 3))
    return task_response(
        await app.state.pool.fetchrow(
            f"UPDATE tasks SET {assignments} updated_at = now() WHERE id = $1 AND user_id = $2 RETURNING {COLUMNS}",
            task_id,
            user_id,
            *values.values(),
        )
    )


@app.patch("/api/{user_id}/tasks/{task_id}/complete")
async def toggle_task(user_id: Owner, task_id: int) -> Response:
    return task_response(
        await app.state.pool.fetchrow(
            "UPDATE tasks SET completed = NOT completed, updated_at = now() WHERE id = $1 AND user_id = $2"
            f" RETURNING {COLUMNS}",
            task_id,
            user_id,
        )
    )


@app.delete("/api/{user_id}/tasks/{task_id}", status_code=204)
async def delete_task(user_id: Owner, task_id: int) -> Response:
    deleted = await app.state.pool.fetchval(
        "DELETE FROM tasks WHERE id = $1 AND user_id = $2 RETURNING id", task_id, user_id
    )
    if deleted is None:
        raise HTTPException(404, "Task not found")
    return Response(status_code=204)

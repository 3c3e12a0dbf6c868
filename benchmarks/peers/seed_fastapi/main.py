"""The seed design: six operations on tasks in FastAPI and SQLModel."""

import os
from datetime import UTC, datetime

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Field, Session, SQLModel, create_engine, func, select

SECRET = os.environ["BETTER_AUTH_SECRET"]
engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
app = FastAPI(title="Todo API")
bearer = HTTPBearer()


class Task(SQLModel, table=True):
    __tablename__ = "tasks"
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(index=True)
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    completed: bool = Field(default=False)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class NewTask(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=1000)


class TaskChanges(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    completed: bool | None = None


class TaskAnswer(SQLModel):
    id: int
    user_id: str
    title: str
    description: str | None
    completed: bool
    created_at: datetime
    updated_at: datetime


def get_session():
    with Session(engine) as session:
        yield session


async def current_user(credentials: HTTPAuthorizationCredentials = Depends(bearer)) -> dict:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except jwt.ExpiredSignatureError as error:
        raise HTTPException(401, "Token has expired") from error
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Invalid token") from error
    return {"id": claims["sub"], "email": claims.get("email")}


async def owner(user_id: str, user: dict = Depends(current_user)) -> str:
    if user_id != user["id"]:
        raise HTTPException(403, "Cannot access another user's tasks")
    return user_id


def find(session: Session, user_id: str, task_id: int) -> Task:
    task = session.exec(select(Task).where(Task.id == task_id, Task.user_id == user_id)).first()
    if task is None:
        raise HTTPException(404, "Task not found")
    return task


def save(session: Session, task: Task) -> Task:
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/api/{user_id}/tasks", response_model=list[TaskAnswer])
async def list_tasks(
    status: str = Query("all", pattern="^(all|pending|completed)$"),
    sort: str = Query("created", pattern="^(created|title)$"),
    limit: int | None = Query(None, ge=1, le=200),
    offset: int = Query(0, ge=0),
    user_id: str = Depends(owner),
    session: Session = Depends(get_session),
):
    query = select(Task).where(Task.user_id == user_id)
    if status != "all":
        query = query.where(Task.completed == (status == "completed"))
    query = query.order_by(func.lower(Task.title) if sort == "title" else Task.created_at.desc())
    return session.exec(query.offset(offset).limit(limit)).all()


@app.post("/api/{user_id}/tasks", response_model=TaskAnswer, status_code=201)
async def create_task(data: NewTask, user_id: str = Depends(owner), session: Session = Depends(get_session)):
    return save(session, Task(**data.model_dump(), user_id=user_id))


@app.get("/api/{user_id}/tasks/{task_id}", response_model=TaskAnswer)
async def get_task(task_id: int, user_id: str = Depends(owner), session: Session = Depends(get_session)):
    return find(session, user_id, task_id)


@app.put("/api/{user_id}/tasks/{task_id}", response_model=TaskAnswer)
async def update_task(
    task_id: int, data: TaskChanges, user_id: str = Depends(owner), session: Session = Depends(get_session)
):
    task = find(session, user_id, task_id)
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(task, name, value)
    task.updated_at = datetime.now(UTC)
    return save(session, task)


@app.delete("/api/{user_id}/tasks/{task_id}", status_code=204)
async def delete_task(task_id: int, user_id: str = Depends(owner), session: Session = Depends(get_session)):
    session.delete(find(session, user_id, task_id))
    session.commit()
    return Response(status_code=204)


@app.patch("/api/{user_id}/tasks/{task_id}/complete", response_model=TaskAnswer)
async def toggle_task(task_id: int, user_id: str = Depends(owner), session: Session = Depends(get_session)):
    task = find(session, user_id, task_id)
    task.completed = not task.completed
    task.updated_at = datetime.now(UTC)
    return save(session, task)

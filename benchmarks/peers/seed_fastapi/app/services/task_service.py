from collections.abc import Sequence
from sqlmodel import Session, select

from app.models.task import Task, TaskCreate, TaskUpdate, now


def get_tasks(
    session: Session, user_id: str, status: str, sort: str, offset: int, limit: int | None
) -> Sequence[Task]:
    statement = select(Task).where(Task.user_id == user_id)
    if status == "pending":
        statement = statement.where(Task.completed == False)  # noqa: E712
    elif status == "completed":
        statement = statement.where(Task.completed == True)  # noqa: E712
    statement = statement.order_by(Task.title if sort == "title" else Task.created_at.desc())
    return session.exec(statement.offset(offset).limit(limit)).all()


def get_task(session: Session, user_id: str, task_id: int) -> Task | None:
    return session.exec(select(Task).where(Task.id == task_id, Task.user_id == user_id)).first()


def save(session: Session, task: Task) -> Task:
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


def create_task(session: Session, user_id: str, data: TaskCreate) -> Task:
    return save(session, Task(user_id=user_id, title=data.title, description=data.description))


def update_task(session: Session, user_id: str, task_id: int, data: TaskUpdate) -> Task | None:
    task = get_task(session, user_id, task_id)
    if not task:
        return None
    task.sqlmodel_update(data.model_dump(exclude_none=True))
    task.updated_at = now()
    return save(session, task)


def delete_task(session: Session, user_id: str, task_id: int) -> bool:
    task = get_task(session, user_id, task_id)
    if not task:
        return False
    session.delete(task)
    session.commit()
    return True


def toggle_complete(session: Session, user_id: str, task_id: int) -> Task | None:
    task = get_task(session, user_id, task_id)
    if not task:
        return None
    task.completed = not task.completed
    task.updated_at = now()
    return save(session, task)

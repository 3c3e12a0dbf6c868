from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.task import now


class User(SQLModel, table=True):
    """Managed by Better Auth."""

    __tablename__ = "users"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True, index=True)
    name: str
    created_at: datetime = Field(default_factory=now)

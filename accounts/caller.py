"""Who is calling, once a token has been believed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Caller:
    """The person a token names: `request.user` of every API request.

    id: Better Auth's user id, text. email, name: what the token says, None where it says nothing.
    created_at: when the person signed up, where the token says it. expires_at: when the token ends.
    """

    id: str
    email: str | None
    name: str | None
    created_at: datetime | None
    expires_at: datetime

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class SessionReference:
    """The row of `session` that a login belongs to, by its `id` or by its `token`."""

    column: Literal["id", "token"]
    value: str


@dataclass(frozen=True, slots=True)
class Login:
    """What a verified token proves: who, and in which session where it names one."""

    caller: Caller
    session: SessionReference | None

"""Who is calling, and what a verified token says about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Caller:
    """The user that a token names: `request.user` of every API request.

    id: Better Auth's user id. email, name: None if the token does not say.
    created_at: when the user signed up, if the token says. expires_at: when the token expires.
    scopes: what an OAuth client may do for the user; None if the user came themselves, who may do everything.
    impersonated_by: the administrator who acts as the user (Better Auth's admin plugin), or None.
    """

    id: str
    email: str | None
    name: str | None
    created_at: datetime | None
    expires_at: datetime
    scopes: frozenset[str] | None = None
    impersonated_by: str | None = None

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    @property
    def actor(self) -> str:
        """Who writes, for the change history."""
        return f"{self.id}, as by {self.impersonated_by}" if self.impersonated_by else self.id


type SessionColumn = Literal["id", "token"]


@dataclass(frozen=True, slots=True)
class SessionReference:
    """A row of `session`, named by its `id` or by its `token`."""

    column: SessionColumn
    value: str


@dataclass(frozen=True, slots=True)
class Login:
    """What a verified token proves. Either caller or session is given, or both.

    caller: the user that a JWT names. session: the session that a JWT names, or that a session token is.
    verified_until: until when the signature needs no other check (time.monotonic): a public key can be withdrawn.
    raw_token: the token itself, under which the caller is cached; never shown.
    """

    caller: Caller | None
    session: SessionReference | None = None
    verified_until: float = float("inf")
    raw_token: bytes = field(default=b"", repr=False)

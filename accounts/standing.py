"""Whether a person and their session still are what a token says: one query, asked of Better Auth's own rows.

Gone means gone: a JWT outlives sign-out, ban and deletion, and Better Auth's cookie cache goes on minting new
ones for minutes, so with a shared database the rows decide and not the token.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from accounts.caller import Caller, Login, SessionReference
from accounts.exceptions import InvalidToken
from accounts.models import Session, User


def confirmed(login: Login) -> Caller:
    """The caller of `login` as Better Auth's rows have them. Raises InvalidToken where they are gone or banned."""
    people = User.objects.filter(pk=login.caller.id)
    if login.session:
        sessions = live_sessions(login.session).filter(user=OuterRef("pk"))
        people = people.annotate(is_signed_in=Exists(sessions))
    person: dict[str, Any] | None = people.values().first()  # type: ignore[assignment]  # a TypedDict of all columns
    if person is None:
        raise InvalidToken("The token's user does not exist.")
    refuse_banned(person)
    if not person.get("is_signed_in", True):
        raise InvalidToken(SESSION_HAS_ENDED)
    return caller_of(person, login.caller.expires_at)


def signed_in(session: SessionReference) -> Caller:
    """The caller whose live session `session` is. Raises InvalidToken where there is none."""
    row = live_sessions(session).values("expires_at", *(f"user__{field}" for field in PERSON)).first()
    if row is None:
        raise InvalidToken(SESSION_HAS_ENDED)
    person = {field: row[f"user__{field}"] for field in PERSON}
    refuse_banned(person)
    return caller_of(person, row["expires_at"])


SESSION_HAS_ENDED = "The token's session has ended."
PERSON = ("id", "email", "name", "created_at", "banned", "ban_expires")


def live_sessions(session: SessionReference) -> QuerySet[Session]:
    """The session named, unless it has expired."""
    return Session.objects.filter(**{session.column: session.value}, expires_at__gt=Now())


def refuse_banned(person: dict[str, Any]) -> None:
    """Raise InvalidToken during a ban. The flag stays after `banExpires` until the next sign-in: the moment counts."""
    if person["banned"] and (person["ban_expires"] is None or person["ban_expires"] > datetime.now(UTC)):
        raise InvalidToken("The token's user is banned.")


def caller_of(person: dict[str, Any], expires_at: datetime) -> Caller:
    """The caller that a row of `user` describes."""
    return Caller(person["id"], person["email"], person["name"], person["created_at"], expires_at)

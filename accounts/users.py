"""The user row of a caller: created from the token, or checked in Better Auth's own tables.

If Better Auth shares the database, its rows decide, not the token: a JWT remains valid after sign-out, ban and
deletion, and Better Auth's cookie cache issues new ones for minutes. Otherwise the row is created and updated from the
token, because tasks need a row to refer to.
"""

import functools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.caller import Caller, Login, SessionColumn, SessionReference
from accounts.exceptions import InvalidToken
from accounts.models import Block, Session, User
from accounts.schema_names import table_name
from accounts.statements import compiled, fetch_all, fetch_one

SESSION_HAS_ENDED = "The token's session has ended."
SESSION_HAS_ENDED_OR_NO_ROWS = (
    "The token's session has ended, or Better Auth stores no sessions in this database (secondaryStorage)."
)
SESSION_IS_AN_API_KEY = "The token's session (sid) is an API key, which has no session: sign the token without sid."
USER_DOES_NOT_EXIST = "The token's user does not exist."
USER_IS_BANNED = "The token's user is banned."
USER_IS_BLOCKED = "The token's user is blocked in this API."
USER_FIELDS = ("id", "email", "name", "created_at", "banned", "ban_expires")
USER_COLUMNS = (*USER_FIELDS, "is_blocked")  # of the statements below


def find_caller(login: Login) -> Caller:
    """Return the caller of a verified login, with one query. Raises InvalidToken if user or session are gone."""
    if login.caller is None:
        return caller_of_session(login.session)
    if settings.BETTER_AUTH_SHARED_DATABASE:
        return caller_of_user(login, login.caller)
    sync_user(login.caller)
    return login.caller


def caller_of_user(login: Login, claimed: Caller) -> Caller:
    """Return the caller as Better Auth's rows have it. Raises InvalidToken."""
    session = login.session
    params = {"user": claimed.id, "session": session and session.value}
    row = fetch_one(user_statement(session and session.column), params)
    if row is None:
        raise InvalidToken(USER_DOES_NOT_EXIST)
    user = dict(zip(USER_COLUMNS, row, strict=False))
    refuse_banned(user)
    claimed = replace(claimed, email=user["email"], name=user["name"], created_at=as_utc(user["created_at"]))
    if session is None:
        return claimed
    is_live, impersonated_by = row[len(USER_COLUMNS) :]
    if not is_live:
        raise InvalidToken(why_no_session(session))
    return replace(claimed, impersonated_by=impersonated_by)


@functools.cache
def user_statement(column: SessionColumn | None) -> str:
    """Return the statement that reads a user and, for a session, whether it lives and who impersonates."""
    users = User.objects.filter(pk="user").order_by()
    fields = (*USER_FIELDS, is_blocked("pk"))
    if column is None:
        return compiled(users.values_list(*fields))
    session = live_sessions(column).filter(user=OuterRef("pk"))
    return compiled(users.values_list(*fields, Exists(session), Subquery(session.values("impersonated_by"))))


def is_blocked(column: str) -> Exists:
    """Return whether operators have blocked the user whose id is in `column`."""
    return Exists(Block.objects.filter(pk=OuterRef(column)))


def caller_of_session(session: SessionReference | None) -> Caller:
    """Return the user of a session token. Raises InvalidToken."""
    row = fetch_one(session_statement(session.column), {"session": session.value}) if session else None
    if row is None:
        raise InvalidToken(SESSION_HAS_ENDED)
    user = dict(zip(USER_COLUMNS, row, strict=False))
    refuse_banned(user)
    return Caller(
        user["id"],
        user["email"],
        user["name"],
        as_utc(user["created_at"]),
        expires_at=as_utc(row[-2]),
        impersonated_by=row[-1],
    )


def why_no_session(session: SessionReference) -> str:
    """Return why a session that a token names does not live: some sessions of Better Auth never have a row."""
    if session.column == "id" and has_api_key(session.value):
        return SESSION_IS_AN_API_KEY
    return SESSION_HAS_ENDED if Session.objects.exists() else SESSION_HAS_ENDED_OR_NO_ROWS


def has_api_key(key_id: str) -> bool:
    """Return whether `key_id` is in the table of Better Auth's api-key plugin, if there is one."""
    table = table_name("apikey")
    [(exists,)] = fetch_all("SELECT to_regclass(%(table)s) IS NOT NULL", {"table": table})
    return exists and bool(fetch_all(f'SELECT 1 FROM "{table}" WHERE id = %(id)s', {"id": key_id}))  # noqa: S608


@functools.cache
def session_statement(column: SessionColumn) -> str:
    """Return the statement that reads a live session and its user."""
    fields = (f"user__{field}" for field in USER_FIELDS)
    return compiled(live_sessions(column).values_list(*fields, is_blocked("user_id"), "expires_at", "impersonated_by"))


def live_sessions(column: SessionColumn) -> QuerySet[Session]:
    """Return the session, unless it has expired. A column without time zone is compared in UTC, Django's zone."""
    return Session.objects.filter(**{column: "session"}, expires_at__gt=Now())


def refuse_banned(user: dict[str, Any]) -> None:
    """Raise InvalidToken for a user who is blocked here, and during a ban.

    Better Auth resets `banned` only at the next sign-in, so `banExpires` counts.
    """
    if user["is_blocked"]:
        raise InvalidToken(USER_IS_BLOCKED)
    if user["banned"] and (user["ban_expires"] is None or as_utc(user["ban_expires"]) > datetime.now(UTC)):
        raise InvalidToken(USER_IS_BANNED)


def as_utc(value: datetime) -> datetime:
    """Return a timestamp of Better Auth with its zone: columns of Prisma and Drizzle have none, and are in UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


# `.invalid` is reserved (RFC 2606), so nobody has such an address. A token that claims one is not believed: otherwise,
# by signing up with the placeholder of another user's id, anybody could lock that user out.
PLACEHOLDER_DOMAIN = "@no-email.invalid"

# Reads before it writes: a row that is up to date is neither locked nor written. An email that another row has is left
# out. What the token does not say keeps the value of the row.
USERS = f'"{User._meta.db_table}"'
COLUMNS = {field.name: f'"{field.column}"' for field in User._meta.concrete_fields}
SYNC = f"""
WITH claimed AS (
    SELECT (
        SELECT %(email)s::text WHERE NOT EXISTS (SELECT FROM {USERS} WHERE email = %(email)s AND id <> %(id)s)
    ) AS email
), written AS (
INSERT INTO {USERS} AS stored (id, name, email, {COLUMNS["email_verified"]}, {COLUMNS["created_at"]})
SELECT %(id)s, coalesce(%(name)s::text, ''), coalesce(email, %(placeholder)s), false, coalesce(%(created_at)s, now())
FROM claimed WHERE NOT EXISTS (
    SELECT FROM {USERS} AS found WHERE id = %(id)s
    AND (name, found.email) = (coalesce(%(name)s, name), coalesce(claimed.email, found.email))
)
ON CONFLICT (id) DO UPDATE SET
    name = coalesce(%(name)s, stored.name),
    email = coalesce((SELECT email FROM claimed), stored.email),
    {COLUMNS["updated_at"]} = now()
)
SELECT EXISTS (SELECT FROM {Block._meta.db_table} WHERE user_id = %(id)s), EXISTS (
    SELECT FROM {USERS} WHERE id = %(id)s AND {COLUMNS["banned"]}
    AND ({COLUMNS["ban_expires"]} IS NULL OR {COLUMNS["ban_expires"]} > now())
)
"""  # noqa: S608  Names of tables and columns, from the model.


def sync_user(caller: Caller) -> None:
    """Create or update the row of `caller` from the token, in one statement. Raises InvalidToken: blocked or banned."""
    is_placeholder = caller.email is not None and caller.email.endswith(PLACEHOLDER_DOMAIN)
    try:
        is_blocked, is_banned = write_user(caller, None if is_placeholder else caller.email)
    except IntegrityError:  # Two users came with the same email at the same time.
        is_blocked, is_banned = write_user(caller, None)
    if is_blocked or is_banned:
        raise InvalidToken(USER_IS_BLOCKED if is_blocked else USER_IS_BANNED)


def write_user(caller: Caller, email: str | None) -> tuple[bool, bool]:
    """Return whether the user is blocked, and whether banned. email: None keeps the email of an existing row."""
    [(is_blocked, is_banned)] = fetch_all(
        SYNC,
        {
            "id": caller.id,
            "name": caller.name,
            "email": email,
            "placeholder": f"{caller.id}{PLACEHOLDER_DOMAIN}",
            "created_at": caller.created_at,
        },
    )
    return is_blocked, is_banned


def restore_user(caller: Caller) -> None:
    """Create the row of a caller again, if it was deleted since the token was verified.

    Raises InvalidToken if Better Auth shares the database: then the user is gone.
    """
    if settings.BETTER_AUTH_SHARED_DATABASE:
        raise InvalidToken(USER_DOES_NOT_EXIST)
    sync_user(caller)

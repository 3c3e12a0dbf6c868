"""Whether this installation works: the settings, the database, Better Auth, the clocks, CORS, and a token.

Each question is asked by itself, and one that fails does not stop the others. No answer contains a secret.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import Jwk, PublicKeySet, Session, User
from accounts.tokens.diagnose import explain
from accounts.tokens.issue import issue_token
from accounts.tokens.jwks import FETCH_TIMEOUT_SECONDS, TABLE, from_table, from_url, opener
from accounts.tokens.key_sets import SOURCE_UNAVAILABLE
from accounts.users import as_utc
from todo_project.database import where, why_unreachable

type Level = Literal["ok", "warning", "failure"]

SLOW_MILLISECONDS = 20
CLOCK_SECONDS = 2
# Who reports a problem of the database, by the beginning of the ids of system checks.
SUBJECTS = {"todo_project": "Migrations", "tasks": "Triggers", "accounts": "Better Auth's tables"}


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    subject: str
    text: str
    remedy: str = ""


def examine(frontend: str | None) -> Iterator[Finding]:
    """Yield what was found. frontend: its origin; by default that of BETTER_AUTH_URL."""
    yield from asked("Settings", configuration)
    if reason := why_unreachable():
        yield Finding("failure", "Database", reason, "Everything else that needs it was left out.")
    else:
        yield from asked("Database", database)
        yield from asked("Database", database_checks)
        yield from asked("Better Auth", better_auth)
    yield from asked("Keys", keys)
    yield from asked("Clock", clocks)
    yield from asked("CORS", lambda: cors(frontend))
    yield from asked("Token", token)


def asked(subject: str, question: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield the answers; an error is one of them."""
    try:
        yield from question()
    except Exception as error:  # noqa: BLE001  Whatever it is, the other questions are still asked.
        reason = f"{type(error).__name__}: {str(error).partition('\n')[0]}"
        yield Finding("failure", subject, reason, "If an answer above names a cause, begin there.")


def configuration() -> Iterator[Finding]:
    mode = "development mode" if settings.IS_DEVELOPMENT else "production (DATABASE_URL is set)"
    yield Finding("ok", "Settings", f"{mode}; hosts {', '.join(settings.ALLOWED_HOSTS)}; prefix /{settings.API_PREFIX}")
    if settings.DEBUG and not settings.IS_DEVELOPMENT:
        yield Finding("failure", "Settings", "DEBUG is true: its pages show code and settings.", "Remove DEBUG.")
    if not settings.IS_DEVELOPMENT and set(settings.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        remedy = "Set ALLOWED_HOSTS to the host names of this API."
        yield Finding("warning", "Settings", "ALLOWED_HOSTS has only this machine: others are answered 400.", remedy)
    for message in checks.run_checks():
        yield as_finding("Settings", message)


def as_finding(subject: str, message: checks.CheckMessage) -> Finding:
    level: Level = "failure" if message.is_serious() else "warning"
    return Finding(level, subject, f"{message.msg} ({message.id})", message.hint or "")


def database() -> Iterator[Finding]:
    place = where()
    began = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    milliseconds = (datetime.now(UTC) - began).total_seconds() * 1000
    yield Finding("ok", "Database", place)
    if milliseconds > SLOW_MILLISECONDS:
        remedy = "Every request waits so long for each query: run the API near its database."
        yield Finding("warning", "Database", f"A round trip takes {milliseconds:.0f} ms.", remedy)


def database_checks() -> Iterator[Finding]:
    messages = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    for app, subject in SUBJECTS.items():
        own = [message for message in messages if str(message.id).partition(".")[0] == app]
        yield from (as_finding(subject, message) for message in own)
        if not own:
            yield Finding("ok", subject, "complete" if app != "accounts" else "as Better Auth expects them")
    yield from (
        as_finding("Database", message) for message in messages if str(message.id).partition(".")[0] not in SUBJECTS
    )


def better_auth() -> Iterator[Finding]:
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        text = f"has a database of its own; users who have come here with a token: {User.objects.count():,}"
        yield Finding("ok", "Better Auth", text)
        return
    people, sessions = User.objects.count(), Session.objects.filter(expires_at__gt=datetime.now(UTC)).count()
    text = f"shares this database ({settings.BETTER_AUTH_SCHEMA}); {people:,} people, {sessions:,} live sessions"
    if people and not sessions:
        remedy = "If people are signed in, sessions are elsewhere (secondaryStorage): set storeSessionInDatabase: true."
        yield Finding("warning", "Better Auth", text, remedy)
    else:
        yield Finding("ok", "Better Auth", text)


def keys() -> Iterator[Finding]:
    """Say where public keys come from, how old they are, and whether they can be had now."""
    source = settings.BETTER_AUTH_KEYS
    if not source:
        yield Finding("ok", "Keys", "Public keys are switched off: only tokens under BETTER_AUTH_SECRET are accepted.")
    elif source == TABLE:
        yield keys_of_table()
    else:
        yield published_keys(source)
        yield from stored_keys(source)


def keys_of_table() -> Finding:
    number = len(from_table())
    if not number:
        remedy = "Better Auth makes one at the first token of its jwt plugin. If it has no such plugin, all is well."
        return Finding("warning", "Keys", "Better Auth's table has no key.", remedy)
    latest = Jwk.objects.order_by("-created_at").values_list("created_at", flat=True)[0]
    return Finding("ok", "Keys", f"{number} in Better Auth's table, the latest made {ago(as_utc(latest))}")


def published_keys(url: str) -> Finding:
    began = datetime.now(UTC)
    try:
        found = from_url(url)
    except SOURCE_UNAVAILABLE as error:
        remedy = "Open this URL from this machine. Set BETTER_AUTH_JWKS_URL if Better Auth is at another one."
        return Finding("failure", "Keys", f"{url} does not answer with keys: {error}", remedy)
    milliseconds = (datetime.now(UTC) - began).total_seconds() * 1000
    return Finding("ok", "Keys", f"{len(found)} published at {url}, fetched now in {milliseconds:.0f} ms")


def stored_keys(url: str) -> Iterator[Finding]:
    """Say what would be used if Better Auth were away."""
    with suppress(DatabaseError):  # Said above.
        stored = PublicKeySet.objects.filter(pk=url).first()
        text = f"the last good ones are stored since {ago(stored.fetched_at)}" if stored else "none are stored yet"
        yield Finding("ok", "Keys", text)


def ago(at: datetime) -> str:
    seconds = max(0, int((datetime.now(UTC) - at).total_seconds()))
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} seconds ago"


def clocks() -> Iterator[Finding]:
    """Compare this clock with the database's, and with that of Better Auth's server."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        yield clock_finding("the database", cursor.fetchall()[0][0])
    url = settings.BETTER_AUTH_KEYS
    if url and url != TABLE:
        # That it does not answer is said where keys are fetched.
        with suppress(OSError, ValueError, TypeError), opener.open(url, timeout=FETCH_TIMEOUT_SECONDS) as response:
            yield clock_finding("Better Auth's server", parsedate_to_datetime(response.headers["Date"]))


def clock_finding(whose: str, at: datetime) -> Finding:
    seconds = abs((datetime.now(UTC) - at).total_seconds())
    text = f"{seconds:.1f} s from that of {whose}"
    if seconds <= CLOCK_SECONDS:
        return Finding("ok", "Clock", text)
    level: Level = "failure" if seconds > settings.JWT_LEEWAY_SECONDS else "warning"
    remedy = (
        f"Tokens are refused if clocks differ by more than {settings.JWT_LEEWAY_SECONDS} s: synchronize both (NTP)."
    )
    return Finding(level, "Clock", text, remedy)


def cors(frontend: str | None) -> Iterator[Finding]:
    """Send the preflight of a browser."""
    parts = urlsplit(frontend or settings.BETTER_AUTH_URL or "")
    if not parts.netloc:
        accepted = ", ".join(settings.CORS_ORIGINS) or "none"
        remedy = "Ask for yours: doctor --frontend https://app.example.com"
        yield Finding("warning", "CORS", f"No frontend was named. Accepted: {accepted}", remedy)
        return
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"origin": origin, "access-control-request-method": "POST"}
    headers["access-control-request-headers"] = "authorization,content-type"
    response = Client().options(reverse("task-list", kwargs={"user_id": "doctor"}), headers=headers)
    if response.headers.get("Access-Control-Allow-Origin") == origin:
        yield Finding("ok", "CORS", f"pages of {origin} may call this API")
    else:
        accepted = ", ".join(settings.CORS_ORIGINS) or "none"
        remedy = f"Add {origin} to CORS_ORIGINS. It has: {accepted}"
        yield Finding("failure", "CORS", f"Browsers refuse calls from pages of {origin}.", remedy)


def token() -> Iterator[Finding]:
    """Make a token, and check it as a request would."""
    if not settings.BETTER_AUTH_SECRET:
        yield Finding("ok", "Token", "None can be made here: there is no BETTER_AUTH_SECRET, only public keys.")
        return
    user_id = "doctor"
    if settings.BETTER_AUTH_SHARED_DATABASE:
        found = User.objects.order_by("-created_at").exclude(banned=True).values_list("pk", flat=True).first()
        if found is None:
            yield Finding("warning", "Token", "No token was tried: Better Auth has no users yet.", "Sign up first.")
            return
        user_id = found
    explanation = explain(issue_token(user_id, lifetime=timedelta(minutes=1)))
    if explanation.is_accepted:
        yield Finding("ok", "Token", f"one for {user_id!r} was made and is accepted")
    for finding in explanation.findings:
        if finding.wrong is not None:
            yield Finding("failure", "Token", f"{finding.check}: {finding.wrong}", finding.remedy)

"""Demo data: people and tasks as a busy installation has them, written as users write them.

The triggers are at work as for everybody, so versions, counters and history are right.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from tasks.operations import Actor
from tasks.sql.demo import (
    ACT,
    ANALYZE,
    COMPLETE,
    CREATE,
    CREATE_USERS,
    REMOVE_LISTS,
    REMOVE_LIVE,
    REMOVE_TRASH,
    TRASH,
    VACUUM,
)

PREFIX = "demo-"
BATCH = 20_000  # Tasks in one transaction.
PEOPLE = 500  # Deleted in one transaction.
FIRST_NAMES = ("Ada", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hiro", "Inés", "Jonas", "Kemi", "Lena")
LAST_NAMES = ("Adams", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kaya")


def demo_users() -> int:
    """Return how many people of an earlier run there are."""
    return User.objects.filter(pk__startswith=PREFIX).count()


def seed(users: int, tasks: int, actor: Actor) -> Iterator[int]:
    """Create people and their tasks, in batches of whole people; yields how many tasks there are after each."""
    per_user, rest = divmod(tasks, users)
    people_at_once = max(1, BATCH // max(per_user, 1))
    done = 0
    for first in range(1, users + 1, people_at_once):
        last = min(users, first + people_at_once - 1)
        done += seed_batch(first, last, per_user, rest, actor)
        yield done
    with connection.cursor() as cursor:
        cursor.execute(ANALYZE)  # Otherwise the first lists would be planned for an empty table.


@transaction.atomic
def seed_batch(first: int, last: int, per_user: int, rest: int, actor: Actor) -> int:
    params: dict[str, str | int] = {
        "prefix": PREFIX,
        "first": first,
        "last": last,
        "per_user": per_user,
        "rest": rest,
        "first_id": user_id(first),
        "last_id": user_id(last),
        "actor": actor.name,
        "source": actor.source,
    }
    with connection.cursor() as cursor:
        cursor.execute(ACT, params)
        cursor.execute(CREATE_USERS, new_users(range(first, last + 1)))
        cursor.execute(CREATE, params)
        created: int = cursor.rowcount
        cursor.execute(COMPLETE, params)
        cursor.execute(TRASH, params)
    return created


def user_id(number: int) -> str:
    return f"{PREFIX}{number:07}"


def new_users(numbers: range) -> dict[str, list[Any]]:
    """Return the columns of people who signed up in the last 90 days."""
    now = datetime.now(UTC)
    return {
        "ids": [user_id(number) for number in numbers],
        "names": [
            f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number % len(LAST_NAMES)]}" for number in numbers
        ],
        "signed_up": [now - timedelta(minutes=number * 7919 % 129_600) for number in numbers],
    }


def remove() -> Iterator[int]:
    """Delete all people of the demo data, with their tasks; yields how many people have no more tasks after each batch.

    The cascade of a deleted person reads all tasks, of everybody and in every state, because each index has only the
    live tasks or the trash. So tasks go first, and then the space that they took.
    """
    people = User.objects.filter(pk__startswith=PREFIX).order_by("pk")
    done, last = 0, ""
    while ids := list(people.filter(pk__gt=last).values_list("pk", flat=True)[:PEOPLE]):
        remove_tasks(ids)
        done, last = done + len(ids), ids[-1]
        yield done
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(VACUUM)
    while ids := list(people.values_list("pk", flat=True)[:PEOPLE]):
        User.objects.filter(pk__in=ids).delete()


@transaction.atomic
def remove_tasks(ids: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in (REMOVE_LISTS, REMOVE_LIVE, REMOVE_TRASH):
            cursor.execute(statement, {"ids": ids})

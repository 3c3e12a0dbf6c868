"""GDPR: export a user's data, and erase it. The API and support in a shell call the same functions."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.people import require_person
from tasks.models import Task, TaskChange, TaskList
from tasks.sql.execute import retry_once
from tasks.sql.user_data import EXPORT

logger = logging.getLogger(__name__)

BATCH = 500  # Rows in memory at once.


def export(user_id: str, *, may_be_gone: bool = False) -> IO[bytes]:
    """Return everything that is stored about a user: a JSON object with `user`, `tasks`, `trash` and `history`.

    may_be_gone: a caller of the API may have been erased a moment ago, and gets an empty export. Otherwise an id that
    nobody has is a mistake, which an empty export would hide: raises PersonNotFoundError.
    It is a temporary file, deleted when it is closed. Sent directly from the database it would hold one of the few
    connections for as long as the slowest client reads, and could break off half-way.
    """
    if not may_be_gone:
        require_person(user_id)
    with ExitStack() as on_error:
        file = on_error.enter_context(TemporaryFile())
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(EXPORT, {"user_id": user_id})
            batches = iter(lambda: cursor.fetchmany(BATCH), [])
            file.writelines(text.encode() for text in separated(chain.from_iterable(batches)))
        on_error.pop_all()
    if not connection.in_atomic_block:
        connection.close()  # Back to the pool now: Django would return it only after the last byte has been sent.
    file.seek(0)
    logger.info("Exported the data of user %r.", user_id)
    return file


def separated(rows: Iterable[tuple[bool, str]]) -> Iterator[str]:
    """Yield the texts of `rows`, with a comma between two that are not headings."""
    is_first = True
    for is_heading, text in rows:
        yield text if is_heading or is_first else f",{text}"
        is_first = is_heading


def erase(user_id: str, *, may_be_gone: bool = False) -> None:
    """Erase everything that is stored about a user, permanently and in one transaction.

    If Better Auth shares the database the account belongs to it: the user's row and sessions stay.
    may_be_gone: a caller of the API may send the request twice. Otherwise an id that nobody has raises
    PersonNotFoundError.
    """
    if not may_be_gone:
        require_person(user_id)
    found = retry_once(lambda: erase_rows(user_id))
    logger.info("Erased the data of user %r." if found else "There is no data of user %r.", user_id)


@transaction.atomic
def erase_rows(user_id: str) -> bool:
    """Erase the rows. Returns False for an id that no user has."""
    # Lock the user and then the list, as every writer does. Only then are all earlier writes visible.
    user = User.objects.filter(pk=user_id).select_for_update(no_key=settings.BETTER_AUTH_SHARED_DATABASE)
    if user.first() is None:
        return False
    TaskList.objects.select_for_update().filter(pk=user_id).first()
    erase_admin_log(user_id)
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        User.objects.filter(pk=user_id).delete()  # and by cascade every row of the user
        return True
    Task.objects.owned_by(user_id).delete()
    TaskChange.objects.of_user(user_id).delete()
    # A new epoch: clients must not take this list for the old one.
    TaskList.objects.filter(pk=user_id).update(
        epoch=uuid.uuid4(), revision=0, changed_at=Now(), live_count=0, trash_count=0, expired_revision=0
    )
    return True


def erase_admin_log(user_id: str) -> None:
    """Delete Django's log of what staff users did with the user and with each of their tasks: it has no retention."""
    entries = apps.get_model("admin", "LogEntry").objects
    task_ids = {
        *Task.objects.owned_by(user_id).values_list("id", flat=True),
        *TaskChange.objects.of_user(user_id).values_list("task_id", flat=True),
    }
    about_user = Q(content_type__app_label="accounts", content_type__model="user", object_id=user_id)
    about_tasks = Q(content_type__app_label="tasks", content_type__model="task", object_id__in=map(str, task_ids))
    entries.filter(about_user | about_tasks).delete()

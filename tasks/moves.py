"""Moves everything of one user to another: who tried the app anonymously and then signs up keeps their tasks."""

import logging
from functools import partial

from django.db import connection, transaction

from accounts.row_security import limit_transaction_to
from accounts.statements import fetch_all
from tasks.exceptions import OwnerNotFound
from tasks.operations import Actor
from tasks.sql.execute import retry_once
from tasks.sql.moves import LOCK_LISTS, LOCK_USERS, MOVE, RECORD

logger = logging.getLogger(__name__)


def move_tasks(source_id: str, target_id: str, actor: Actor) -> int:
    """Move all tasks of one user, trash and history included, to another. Returns how many tasks there were.

    It is one transaction. Nobody's tasks are moved if there are none, so it can be repeated. The limit of tasks does
    not count: nothing may be lost. Raises OwnerNotFound if the new owner does not exist.
    """
    moved = retry_once(partial(move_rows, source_id, target_id, actor)) if source_id != target_id else 0
    logger.info("Moved %d tasks of user %r to %r.", moved, source_id, target_id)
    return moved


@transaction.atomic
def move_rows(source_id: str, target_id: str, actor: Actor) -> int:
    limit_transaction_to(target_id, moved_user_id=source_id)
    params = {"source": source_id, "user_id": target_id, "actor": actor.name, "door": actor.source}
    if (target_id,) not in fetch_all(LOCK_USERS, params):
        raise OwnerNotFound
    fetch_all(LOCK_LISTS, params)
    [(moved,)] = fetch_all(MOVE, params)
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(RECORD, params)
    return int(moved)

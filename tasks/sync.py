"""The changes feed: what changed on a list since a client last asked, and the sync tokens that say how far it is.

Revisions count the writes of a list in commit order. A client starts with a snapshot; then it gets each task that
changed, once, as it is now.
"""

from typing import NamedTuple, Self

from accounts.statements import fetch_all
from tasks.exceptions import RevisionExpired
from tasks.opaque_tokens import decrypt, encrypt
from tasks.sql.sync import READ_CHANGES, READ_SNAPSHOT

# Maximum rows scanned per page, so that a long history cannot make one request slow. A page that reaches it ends early.
MAX_ROWS = 10_000
BEFORE_ALL, AFTER_ALL = -(2**63), 2**63 - 1  # No task has such an id.


class SyncToken(NamedTuple):
    """A client's position in the feed; changes after it have not been sent yet.

    epoch: the list's; None if the user had no list, so that the empty copy fits any list.
    seen_revision, seen_at: the latest revision a response was made of, and its timestamp in microseconds since 1970. A
    response leaves out tasks that changed again until then. A restored backup may have lost those changes, so this is
    what must still be true.
    revision, task_id: the last change that was sent; AFTER_ALL if all changes of the revision were.
    in_snapshot: if true, `revision` is where the snapshot began and `task_id` its last task that was sent.
    """

    epoch: str | None
    seen_revision: int
    seen_at: int
    revision: int
    task_id: int = AFTER_ALL
    in_snapshot: bool = False

    @classmethod
    def decrypt(cls, token: str, user_id: str) -> Self:
        """Return the position that `token` was issued for to this user. Raises InvalidOpaqueTokenError."""
        return cls(*decrypt(token, "changes", user_id))

    def encrypt(self, user_id: str) -> str:
        return encrypt(list(self), "changes", user_id)


START = SyncToken(epoch=None, seen_revision=0, seen_at=0, revision=0, task_id=BEFORE_ALL, in_snapshot=True)
NO_LIST = SyncToken(epoch=None, seen_revision=0, seen_at=0, revision=0)


class ListState(NamedTuple):
    """A list as it is now. Timestamps are in microseconds since 1970.

    past_at: when the latest change up to the token's `seen_revision` was made; None if retention deleted it.
    """

    epoch: str
    revision: int
    changed_at: int
    expired_revision: int
    past_at: int | None

    def has_reached(self, token: SyncToken) -> bool:
        """Return whether the token is of this list, and not of one that was erased or undone by a restored backup."""
        if token.epoch is None:
            return True
        if token.epoch != self.epoch or token.seen_revision > self.revision:
            return False
        if token.seen_revision == self.revision:
            return token.seen_at == self.changed_at
        # A restored backup reached that revision, or those before it, at a later time.
        return self.past_at is None or self.past_at <= token.seen_at

    def keeps_changes_after(self, token: SyncToken) -> bool:
        """Return whether no change after the token has expired. A snapshot consists of tasks and never expires."""
        if token.in_snapshot:
            return True
        expired = self.expired_revision
        return expired <= token.revision if token.task_id == AFTER_ALL else expired < token.revision


class Change(NamedTuple):
    """A change that was scanned.

    json: None if a later change supersedes this one.
    number: how many changes were scanned up to this one.
    """

    revision: int
    task_id: int
    json: str | None
    number: int


def read_changes(user_id: str, since: SyncToken, limit: int) -> tuple[list[str], SyncToken, bool]:
    """Return at most `limit` changes after `since`: their JSON texts in order, the position after them, is there more.

    Raises RevisionExpired.
    """
    state, changes = fetch_page(user_id, since, limit)
    if state is None and since.epoch is None:
        return [], NO_LIST, False
    if state is None or not state.has_reached(since) or not state.keeps_changes_after(since):
        raise RevisionExpired
    # A snapshot ends at the revision it began with: changes made in the meantime come after it.
    end = since.revision if since.in_snapshot and since.epoch is not None else state.revision
    position = SyncToken(state.epoch, state.revision, state.changed_at, end)
    sent = changes[:limit]
    is_cut = len(changes) > limit or (len(changes) > 0 and changes[-1].number == MAX_ROWS)
    if is_cut:
        revision = end if since.in_snapshot else sent[-1].revision
        position = position._replace(revision=revision, task_id=sent[-1].task_id, in_snapshot=since.in_snapshot)
    return [change.json for change in sent if change.json], position, is_cut or end < state.revision


def fetch_page(user_id: str, since: SyncToken, limit: int) -> tuple[ListState | None, list[Change]]:
    """Return the list's state, None if the user has no list, and the changes of the page and one more."""
    params = {**since._asdict(), "user_id": user_id, "limit": limit, "max_rows": MAX_ROWS}
    rows = fetch_all(READ_SNAPSHOT if since.in_snapshot else READ_CHANGES, params)
    if not rows:
        return None, []
    return ListState(*rows[0][:5]), [Change(*row[5:]) for row in rows if row[6] is not None]


def changes_as_json(user_id: str, since: SyncToken, limit: int, *, unchanged_token: str | None) -> bytes:
    """Return the response of the changes feed. Raises RevisionExpired.

    unchanged_token: the client's own token, which it gets back if there is nothing new.
    """
    changes, position, more = read_changes(user_id, since, limit)
    token = unchanged_token if unchanged_token and position == since else position.encrypt(user_id)
    return b'{"changes":[%b],"revision":"%b","more":%b}' % (
        ",".join(changes).encode(),
        token.encode(),
        b"true" if more else b"false",
    )

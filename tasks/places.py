"""How far a client's copy has followed a list, as a token that the client hands back; and whether that still holds."""

from typing import NamedTuple, Self

from tasks.sealing import seal, unseal

BEFORE_ALL, AFTER_ALL = -(2**63), 2**63 - 1  # No task has such an id.


class Place(NamedTuple):
    """Where a copy stands: what comes after it is still to be told.

    epoch: the list's; None where there was none, and the copy is empty: it is right whichever list begins.
    seen, seen_at: the latest revision that an answer was made of, and its moment in microseconds since 1970.
    revision, task_id: the last change that was told; AFTER_ALL where all changes of the revision were.
    in_snapshot: then `revision` is where the snapshot began, and `task_id` the last of its tasks that was told.
    """

    # An answer shows the list as it was at `seen`, also where it tells of an earlier revision: it leaves out a task
    # that changed again until then. A restored backup may have lost that, so `seen` is what must still be true.
    epoch: str | None
    seen: int
    seen_at: int
    revision: int
    task_id: int = AFTER_ALL
    in_snapshot: bool = False

    @classmethod
    def opened(cls, token: str, user_id: str) -> Self:
        """The place that `token` was given for to this person. Raises NotSealedHereError."""
        return cls(*unseal(token, "changes", user_id))

    def sealed(self, user_id: str) -> str:
        """The token of this place, for this person alone."""
        return seal(list(self), "changes", user_id)


BEGINNING = Place(epoch=None, seen=0, seen_at=0, revision=0, task_id=BEFORE_ALL, in_snapshot=True)
NO_LIST_YET = Place(epoch=None, seen=0, seen_at=0, revision=0)


class ListState(NamedTuple):
    """A list as it is now. Moments are microseconds since 1970.

    past_at: the moment of the latest change up to the revision that the copy has seen; None where none is kept.
    """

    epoch: str
    revision: int
    changed_at: int
    pruned: int
    past_at: int | None

    def has_been_at(self, place: Place) -> bool:
        """Whether the copy has seen this list, and not one that was erased or that a restored backup has undone."""
        if place.epoch is None:
            return True
        if place.epoch != self.epoch or place.seen > self.revision:
            return False
        if place.seen == self.revision:
            return place.seen_at == self.changed_at
        # A restored backup that has counted on past that revision came to it, or to those before it, later.
        return self.past_at is None or self.past_at <= place.seen_at

    def keeps_all_after(self, place: Place) -> bool:
        """Whether no change after `place` was pruned. A snapshot is made of tasks: it goes on whatever was."""
        if place.in_snapshot:
            return True
        return self.pruned <= place.revision if place.task_id == AFTER_ALL else self.pruned < place.revision

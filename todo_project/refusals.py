"""Counts the requests that this server has refused, by status and reason, for the dashboard of the admin.

The workers share the numbers: a page of any of them shows what all of them refused.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from rest_framework.exceptions import Throttled

from todo_project import metrics
from todo_project.shared_memory import SharedMemory

MAX_REASONS = 50
STATUSES = 20  # "other reasons" has a row for each status.
LENGTH = 200  # characters of a reason
ROW = struct.Struct(f"=QH{4 * LENGTH}s")  # Number, status, and the reason in UTF-8; status 0: not in use.
SIZE = ROW.size * (MAX_REASONS + STATUSES)


class SharedCounts:
    """How often each reason occurred, in the order in which they occurred first."""

    def __init__(self) -> None:
        self.since = datetime.now(UTC)
        self.memory = SharedMemory(SIZE)
        self.places: dict[tuple[int, str], int] = {}  # Of the rows that this process has met. A row stays in its place.

    def count(self, status: int, reason: str) -> tuple[int, str]:
        """Count a refusal, and return as what. Should there be too many reasons, the others count together."""
        key = (status, reason[:LENGTH])
        with self.memory.locked(0, SIZE) as is_locked:
            if key not in self.places:
                self.places = {known: place for place, (known, _) in enumerate(self.rows())}
            if key not in self.places and len(self.places) >= MAX_REASONS:
                key = (status, "other reasons")
            place = self.places.get(key, len(self.places))
            if is_locked and place < MAX_REASONS + STATUSES:
                number = ROW.unpack_from(self.memory.bytes, place * ROW.size)[0]
                ROW.pack_into(
                    self.memory.bytes, place * ROW.size, number + 1, key[0], key[1].encode("utf-8", "replace")
                )
                self.places[key] = place
        return key

    def rows(self) -> Iterator[tuple[tuple[int, str], int]]:
        """Yield each status and reason with its number."""
        for number, status, reason in ROW.iter_unpack(self.memory.bytes[:]):
            if status:
                yield (status, reason.rstrip(b"\0").decode()), number

    def clear(self) -> None:
        self.places = {}
        self.memory.bytes[:] = bytes(SIZE)


counts = SharedCounts()  # Made in the main process, before its workers.


def count(status: int, reason: str) -> None:
    """Count a refusal. A reason is one of our own sentences.

    That of a 429 says how long to wait: with a row for each number of seconds, no row was left for other reasons.
    """
    if status == Throttled.status_code:
        reason = str(Throttled.default_detail)
    metrics.count_refusal(*counts.count(status, reason))


def most_common(number: int = 10) -> list[tuple[int, str, int]]:
    """Return status, reason and number of the most frequent ones."""
    rows = sorted(counts.rows(), key=lambda row: -row[1])
    return [(status, reason, counted) for (status, reason), counted in rows[:number]]

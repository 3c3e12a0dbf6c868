"""Counts the requests that this process has refused, by status and reason, for the dashboard of the admin."""

import threading
from collections import Counter
from datetime import UTC, datetime

from todo_project import metrics

MAX_REASONS = 50

_counts: Counter[tuple[int, str]] = Counter()
_lock = threading.Lock()
since = datetime.now(UTC)


def count(status: int, reason: str) -> None:
    """Count a refusal. A reason is one of our own sentences; should there be too many, the others count together."""
    with _lock:
        key = (status, reason[:200])
        if key not in _counts and len(_counts) >= MAX_REASONS:
            key = (status, "other reasons")
        _counts[key] += 1
    metrics.count_refusal(*key)


def most_common(number: int = 10) -> list[tuple[int, str, int]]:
    """Return status, reason and number of the most frequent ones."""
    with _lock:
        return [(status, reason, counted) for (status, reason), counted in _counts.most_common(number)]


def clear() -> None:
    _counts.clear()

"""The front page of the admin: its numbers, which are a minute old at most and are never waited for, and its charts."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from accounts.models import User
from accounts.standing import standings_of
from tasks.admin import log
from tasks.statistics import Day, Statistics, count_everything, number_of_tasks

logger = logging.getLogger(__name__)

FRESH_SECONDS = 60
# Up to so many tasks are counted while the page waits: it takes some 50 ms. More are counted in a thread of its own.
COUNTED_AT_ONCE = 100_000
WAIT_SECONDS = 0.05


class Numbers:
    """The statistics that this process counted last."""

    def __init__(self) -> None:
        self.latest: Statistics | None = None
        self.counted_at = float("-inf")
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def get(self) -> tuple[Statistics | None, bool]:
        """Return the statistics, and whether newer ones are being counted. None: they are the first."""
        if time.monotonic() - self.counted_at < FRESH_SECONDS:
            return self.latest, False
        if number_of_tasks() <= COUNTED_AT_ONCE:
            self.count()
            return self.latest, False
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.count_in_thread, name="dashboard", daemon=True)
                self.thread.start()
        self.thread.join(WAIT_SECONDS)
        return self.latest, self.thread.is_alive()

    def count(self) -> None:
        self.latest = count_everything()
        self.counted_at = time.monotonic()

    def count_in_thread(self) -> None:
        try:
            self.count()
        except Exception:
            logger.exception("The numbers of the dashboard could not be counted.")
        finally:
            connections.close_all()

    def clear(self) -> None:
        self.latest, self.counted_at = None, float("-inf")


numbers = Numbers()


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of a chart. x, y, height: of a drawing that is WIDTH wide and HEIGHT high."""

    day: Day
    value: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    name: str
    bars: list[Bar]
    highest: int
    total: int


WIDTH, HEIGHT = 300, 80
CHARTS = {"sign_ups": "Sign-ups", "created": "Tasks created", "completed": "Tasks completed"}


def chart(name: str, days: Sequence[Day]) -> Chart:
    values = [getattr(day, name) for day in days]
    highest = max(values, default=0)
    step = WIDTH / max(1, len(values))
    heights = [round(HEIGHT * value / highest, 1) if highest else 0 for value in values]
    bars = [
        Bar(day, value, round(number * step, 1), round(HEIGHT - height, 1), height)
        for number, (day, value, height) in enumerate(zip(days, values, heights, strict=True))
    ]
    return Chart(CHARTS[name], name, bars, highest, sum(values))


def dashboard_context() -> dict[str, Any]:
    """Return what the template of the front page needs."""
    statistics, is_counting = numbers.get()
    newest = list(User.objects.order_by("-created_at", "id")[:8])
    standings = standings_of(newest)
    return {
        "statistics": statistics,
        "is_counting": is_counting,
        "charts": [chart(name, statistics.days) for name in CHARTS] if statistics else [],
        "chart_width": WIDTH,
        "chart_height": HEIGHT,
        "bar_width": round(WIDTH / 30 * 0.8, 1),
        "newest": [(user, standings[user.pk]) for user in newest],
        "acts": [
            {"deed": act[0], "people": len({deed.user_id for deed in act}), "tasks": sum(deed.tasks for deed in act)}
            for act in log.grouped(log.latest_deeds(60))[:10]
        ],
    }

"""How many of granian's threads take requests: as few as keep a worker busy (docs/decisions/0043-few-threads.md).

Threads that run Python at the same time hand the GIL to each other several times in each request, from one core to
another: with eight of them, a get took a fifth more CPU of the worker than with one. But one thread alone waits for the
database again and again, and while it waits for long, nobody is answered. So it depends on how long they wait.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from accounts.statement_time import quickest_statement

SECONDS_PER_THREAD = 0.0001  # So much waiting for the database calls for one thread more.
TICK_SECONDS = 0.005
TICKS_PER_SECOND = round(1 / TICK_SECONDS)
STUCK_TICKS = 5  # If nobody has finished for so long, one more thread is needed.
CALM_TICKS = 10  # If they have finished for so long, half of those added are not needed any more.


class Threads:
    """Lets a thread of granian take its next request, or rest until it is needed.

    most: how many threads there are at most.
    wanted: how many shall take requests: one; more, the longer the database lets them wait; and `added`,
        because all were stuck, at a lock or a long list.
    taking: how many do: they run a request, or wait for the next. busy: how many run one.
    resting: how many wait here.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.wanted, self.added = 1, 0
        self.taking = self.busy = self.resting = 0
        self.finished = self.finished_before = 0  # Requests, until now and until the last tick.
        self.ticks = self.stuck_ticks = self.calm_ticks = 0
        self.lock = threading.Lock()
        self.places = threading.Semaphore(0)
        self.is_in_use = threading.Event()
        self.local = threading.local()

    def call(self, function: Callable[..., bool | None], *args: Any) -> None:
        """Call a function that answers a request, and return when this thread shall take another.

        It returns at once if the function returns True: granian keeps a request until its thread has returned, and with
        it the connection of a body that nobody reads.
        """
        must_return: bool | None = True
        with self.lock:
            if not hasattr(self.local, "is_known"):
                self.local.is_known = True
                self.taking += 1
            self.busy += 1
        if not self.is_in_use.is_set():
            self.is_in_use.set()
        try:
            must_return = function(*args)
        finally:
            with self.lock:
                self.busy -= 1
                self.finished += 1
                may_rest = self.taking > self.wanted and not must_return
                if may_rest:
                    self.taking -= 1
                    self.resting += 1
            if may_rest:
                self.places.acquire()

    def watch(self) -> None:
        """Adjust the number at each tick while there are requests. It runs in a thread of its own."""
        while True:
            time.sleep(TICK_SECONDS)
            self.adjust()
            self.is_in_use.clear()  # Before the look at `busy`: a request that begins in between sets it again.
            if not self.busy:
                self.is_in_use.wait()

    def adjust(self) -> None:
        """Decide how many threads shall take requests, and wake those that are missing."""
        self.ticks += 1
        if self.ticks % TICKS_PER_SECOND == 0:
            quickest_statement.begin_again()
        with self.lock:
            self.count_ticks()
            waiting = int(quickest_statement.seconds / SECONDS_PER_THREAD)
            self.wanted = min(self.most, 1 + waiting + self.added)
            missing = min(self.resting, self.wanted - self.taking)
            if missing > 0:
                self.resting -= missing
                self.taking += missing
                self.places.release(missing)

    def count_ticks(self) -> None:
        """Add a thread for each tick after so many in which all were busy and none has finished; later remove them."""
        is_stuck = 0 < self.busy == self.taking and self.finished == self.finished_before
        self.finished_before = self.finished
        self.stuck_ticks = self.stuck_ticks + 1 if is_stuck else 0
        self.calm_ticks = 0 if is_stuck else self.calm_ticks + 1
        if self.stuck_ticks >= STUCK_TICKS:
            self.added = min(self.added + 1, self.most)
        elif self.calm_ticks >= CALM_TICKS:
            self.added, self.calm_ticks = self.added // 2, 0

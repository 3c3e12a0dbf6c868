"""A worker uses as few threads as keep it busy, and as many as it needs to answer everybody."""

import threading
from collections.abc import Callable, Iterator

import pytest

from accounts.statement_time import QuickestStatement
from todo_project.server import threads as module
from todo_project.server.threads import CALM_TICKS, STUCK_TICKS, TICKS_PER_SECOND, Threads

PATIENCE_SECONDS = 30
MOST = 8


class Request:
    """A request that a thread of granian takes and that waits until it may finish."""

    def __init__(self, threads: Threads) -> None:
        self.has_begun, self.may_finish, self.has_finished = threading.Event(), threading.Event(), threading.Event()
        self.has_returned = threading.Event()  # The thread may take another.
        self.thread = threading.Thread(target=self.take, args=[threads], daemon=True)
        self.thread.start()
        assert self.has_begun.wait(PATIENCE_SECONDS)

    def take(self, threads: Threads) -> None:
        threads.call(self.answer)
        self.has_returned.set()

    def answer(self) -> None:
        self.has_begun.set()
        assert self.may_finish.wait(PATIENCE_SECONDS)
        self.has_finished.set()

    def finish(self) -> None:
        self.may_finish.set()
        assert self.has_finished.wait(PATIENCE_SECONDS)


@pytest.fixture
def quickest(monkeypatch: pytest.MonkeyPatch) -> QuickestStatement:
    """The time of the quickest statement: none was sent yet."""
    quickest = QuickestStatement()
    monkeypatch.setattr(module, "quickest_statement", quickest)
    return quickest


@pytest.fixture
def threads(quickest: QuickestStatement) -> Iterator[Threads]:
    """Up to eight threads, which all may go at the end."""
    threads = Threads(MOST)
    yield threads
    threads.places.release(MOST)


def tick(threads: Threads, times: int) -> None:
    for _ in range(times):
        threads.adjust()


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread."""
    event = threading.Event()
    for _ in range(PATIENCE_SECONDS * 100):
        if condition():
            return
        event.wait(0.01)
    raise AssertionError


def test_of_two_threads_one_takes_the_next_request_and_the_other_rests(threads: Threads) -> None:
    first, second = Request(threads), Request(threads)

    first.finish()
    until(lambda: threads.resting == 1)
    second.finish()

    assert second.has_returned.wait(PATIENCE_SECONDS)
    assert not first.has_returned.is_set()


def test_a_thread_that_takes_one_request_after_the_other_never_rests(threads: Threads) -> None:
    answered: list[int] = []

    for number in range(5):
        threads.call(answered.append, number)

    assert answered == [0, 1, 2, 3, 4]
    assert (threads.taking, threads.busy, threads.resting) == (1, 0, 0)


def test_a_thread_with_an_unread_body_returns_to_granian(threads: Threads) -> None:
    first = Request(threads)

    threads.call(lambda: True)

    assert (threads.taking, threads.resting) == (2, 0)
    first.finish()


def test_an_exception_leaves_nothing_behind(threads: Threads) -> None:
    with pytest.raises(ZeroDivisionError):
        threads.call(lambda: bool(1 // 0))

    assert (threads.taking, threads.busy, threads.finished) == (1, 0, 1)


def test_while_all_are_stuck_others_are_woken_one_by_one(threads: Threads) -> None:
    resting = [Request(threads) for _ in range(2)]
    stuck = Request(threads)
    for request in resting:
        request.finish()
    until(lambda: threads.resting == 2)

    tick(threads, STUCK_TICKS)
    assert threads.resting == 2, "they have finished since the tick before"
    tick(threads, 1)
    assert threads.resting == 1
    until(lambda: sum(request.has_returned.is_set() for request in resting) == 1)

    tick(threads, STUCK_TICKS)
    assert threads.resting == 1, "one waits for a request: who sends one is answered"
    stuck.finish()


def test_never_more_are_wanted_than_there_are(threads: Threads) -> None:
    stuck = Request(threads)

    tick(threads, 3 * MOST)

    assert threads.wanted == MOST
    stuck.finish()


def test_those_that_were_added_rest_again_when_requests_end_quickly(threads: Threads) -> None:
    stuck = Request(threads)
    tick(threads, STUCK_TICKS + 2)
    assert threads.wanted == 4

    stuck.finish()
    until(lambda: threads.busy == 0)
    tick(threads, CALM_TICKS)
    assert threads.wanted == 2
    tick(threads, CALM_TICKS)
    assert threads.wanted == 1


@pytest.mark.parametrize(("milliseconds", "wanted"), [(0.06, 1), (0.15, 2), (0.43, 5), (20, MOST)])
def test_the_farther_the_database_the_more_threads(
    threads: Threads, quickest: QuickestStatement, milliseconds: float, wanted: int
) -> None:
    quickest.note(milliseconds / 1000)
    quickest.note(0.5)  # It has waited for a lock.

    tick(threads, TICKS_PER_SECOND)

    assert threads.wanted == wanted


def test_without_statements_the_last_ones_count(quickest: QuickestStatement) -> None:
    quickest.note(0.02)
    quickest.begin_again()
    quickest.begin_again()
    assert quickest.seconds == 0.02

    quickest.note(0.01)
    quickest.begin_again()
    assert quickest.seconds == 0.01


class Busy(threading.Event):
    """Another request begins each time just before this is cleared."""

    def __init__(self, threads: Threads) -> None:
        super().__init__()
        self.threads = threads
        self.set()

    def clear(self) -> None:
        self.requests = [Request(self.threads)]
        super().clear()

    def wait(self, timeout: float | None = None) -> bool:
        raise AssertionError("The watch ends while a request runs.")


def test_the_watch_goes_on_if_a_request_begins_when_it_was_about_to_end(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads.is_in_use = Busy(threads)
    monkeypatch.setattr(module, "TICK_SECONDS", 0.001)
    ticks = iter([None])  # The second tick is the end of the test.
    monkeypatch.setattr(threads, "adjust", lambda: next(ticks))

    with pytest.raises(StopIteration):
        threads.watch()

    for request in threads.is_in_use.requests:
        request.finish()


def test_the_watch_begins_with_a_request(threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.001)
    threading.Thread(target=threads.watch, daemon=True).start()
    until(lambda: threads.ticks == 1)

    stuck = Request(threads)

    until(lambda: threads.wanted > 1)
    stuck.finish()

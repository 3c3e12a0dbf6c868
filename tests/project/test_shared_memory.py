"""The lock of the memory that workers share: another process is waited for, but not for long."""

import fcntl
import os
import signal
from collections.abc import Iterator

import pytest

from todo_project.shared_memory import ATTEMPTS, SharedMemory

PATIENCE_SECONDS = 20
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


class Holder:
    """Another process, which holds the lock of some bytes until it is told to end."""

    def __init__(self, memory: SharedMemory, begin: int, length: int) -> None:
        held, self.end = os.pipe(), os.pipe()
        self.process = os.fork()
        if self.process == 0:  # pragma: no cover  The other process.
            signal.alarm(PATIENCE_SECONDS)
            fcntl.lockf(memory.file, fcntl.LOCK_EX, length, begin)
            os.write(held[1], b"x")
            os.read(self.end[0], 1)
            os._exit(0)
        os.close(held[1])
        assert os.read(held[0], 1), "It has not got the lock."

    def ends(self) -> None:
        if self.process:
            os.write(self.end[1], b"x")
            os.waitpid(self.process, 0)
        self.process = 0


@pytest.fixture
def memory() -> SharedMemory:
    return SharedMemory(16)


@pytest.fixture
def holder(memory: SharedMemory) -> Iterator[Holder]:
    holder = Holder(memory, 0, 8)
    yield holder
    holder.ends()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_a_lock_that_another_process_holds_is_had_as_soon_as_it_ends(
    memory: SharedMemory, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: holder.ends())

    with memory.locked(0, 8) as is_locked:
        assert is_locked


def test_a_process_that_holds_it_for_long_is_not_waited_for(
    memory: SharedMemory, holder: Holder, pauses: list[float]
) -> None:
    with memory.locked(0, 8) as is_locked:
        assert not is_locked

    assert pauses == [0.001] * ATTEMPTS


def test_other_bytes_have_a_lock_of_their_own(memory: SharedMemory, holder: Holder, pauses: list[float]) -> None:
    with memory.locked(8, 8) as is_locked:
        assert is_locked

    assert pauses == []


def test_what_is_unlocked_can_be_locked_by_others(memory: SharedMemory) -> None:
    with memory.locked(0, 8):
        pass

    Holder(memory, 0, 8).ends()

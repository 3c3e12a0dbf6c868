"""Memory that the workers of one instance share: a file without a name, which each of them maps."""

import fcntl
import mmap
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ATTEMPTS = 100  # To take a lock, one each millisecond. A stopped process may hold it: nobody waits longer for that.


class SharedMemory:
    """`bytes` of memory, filled with zeros. Make it in the main process, before its workers."""

    def __init__(self, size: int) -> None:
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            self.bytes = mmap.mmap(file.fileno(), size)
            self.file = os.dup(file.fileno())
        self.threads = threading.Lock()

    @contextmanager
    def locked(self, begin: int, length: int) -> Iterator[bool]:
        """Keep this process's threads away, and other processes from these bytes; yields whether they are kept away.

        A lock ends with its process.
        """
        with self.threads:
            is_locked = self.lock(begin, length)
            try:
                yield is_locked
            finally:
                if is_locked:
                    fcntl.lockf(self.file, fcntl.LOCK_UN, length, begin)

    def lock(self, begin: int, length: int) -> bool:
        for _ in range(ATTEMPTS):
            with suppress(BlockingIOError):
                fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, begin)
                return True
            time.sleep(0.001)
        return False

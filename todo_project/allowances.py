"""Allowances of requests, shared between the workers of one instance. (docs/decisions/0037-throttles.md).

There is one number for each key: the time at which its allowance will be full again (the generic cell rate
algorithm): `q` requests can come at once, and then one each `w / q` seconds. The table has a fixed size: of too many
keys, those nearest to a full allowance are forgotten.
"""

import hashlib
import math
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from todo_project.shared_memory import SharedMemory

ENTRY = struct.Struct("=8sd")  # The hash of a key, and when its allowance is full.
WAYS = 4  # A key is in one of so many entries.
SETS = 16_384
SIZE = ENTRY.size * WAYS * SETS  # 1 MiB: 65,536 keys.
SECRET = os.urandom(16)  # Of the main process: nobody can choose addresses that meet in one entry.


@dataclass(frozen=True)
class Rate:
    """quota: how many requests may come within `window` seconds."""

    quota: int
    window: int


@dataclass(frozen=True)
class State:
    """remaining: how many requests may come now. reset: seconds until all may. wait: until the next one, 0 if now."""

    remaining: int
    reset: int
    wait: int


class SharedTable:
    """When the allowance of each key is full, by the system's monotonic clock, which all processes share."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.memory = SharedMemory(SIZE)

    def take(self, name: str, key: str, rate: Rate, *, cost: int = 1) -> State:
        """Take one request from the allowance of `key`; a refused one takes nothing. cost: 0 only looks."""
        digest = hashlib.blake2b(f"{name} {key}".encode("utf-8", "replace"), digest_size=8, key=SECRET).digest()
        begin = int.from_bytes(digest[:4]) % SETS * WAYS * ENTRY.size
        with self.memory.locked(begin, WAYS * ENTRY.size):  # Should that fail, a request may not count.
            return self.take_from(begin, digest, rate, cost)

    def take_from(self, begin: int, digest: bytes, rate: Rate, cost: int) -> State:
        now, interval = self.clock(), rate.window / rate.quota
        entries = [ENTRY.unpack_from(self.memory.bytes, begin + way * ENTRY.size) for way in range(WAYS)]
        found = next((way for way, entry in enumerate(entries) if entry[0] == digest), None)
        full_at = max(now, entries[found][1]) if found is not None else now
        room = now + rate.window - full_at
        needed = interval * max(cost, 1)
        if room + 1e-9 < needed:
            return State(0, math.ceil(full_at - now), max(1, math.ceil(needed - room)))
        if cost:
            full_at += interval * cost
            way = found if found is not None else min(range(WAYS), key=lambda way: entries[way][1])
            ENTRY.pack_into(self.memory.bytes, begin + way * ENTRY.size, digest, full_at)
        return State(int((now + rate.window - full_at) / interval + 1e-6), math.ceil(full_at - now), 0)


table = SharedTable()  # Made in the main process, before its workers.

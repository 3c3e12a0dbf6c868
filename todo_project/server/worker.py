"""What a worker process of either server does once it has loaded the application."""

import ctypes
import gc

# mallopt(3), malloc.h of glibc
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8

ARENAS = 2
LARGE_BLOCK = 128 * 1024


def exclude_loaded_code_from_garbage_collection() -> None:
    """Without this, collections took a fifth of a worker's time: they look at everything that is loaded."""
    gc.collect()
    gc.freeze()


def return_memory_to_the_system() -> None:
    """Let glibc share two arenas between the threads, and return each block of 128 KiB as soon as it is free.

    By default it makes an arena for each of up to 8 threads per core, and keeps blocks of up to 32 MiB in them: whole
    lists of 10,000 tasks then cost a worker several times their size, permanently. Other C libraries lack mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)

"""The workers of a server that runs in a process of its own."""

from pathlib import Path


def workers_of(server: int) -> list[int]:
    """The process ids of a server's children, by the kernel's own list. Linux alone has one."""
    return [int(child) for child in Path(f"/proc/{server}/task/{server}/children").read_text().split()]

"""Programs that a measurement starts and stops, and what they take of the machine: CPU and memory of a process tree."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LOOPBACK = "127.0.0.1"

# What a program needs of its surroundings; all else is told to it by name.
SURROUNDINGS = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    port: int,
    log: Path,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[int]:
    """Inside the block the program runs and listens on `port`; what it says goes into `log`. Gives its process id."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=SURROUNDINGS | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **options,
        )
    try:
        wait_until_listening(process, port, log)
        yield process.pid
    finally:
        stop(process)


def wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path, seconds: float = 60) -> None:
    """Return once somebody accepts connections on `port`. Raises RuntimeError with what the program said."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not come up:\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask the program to end, and end it where it does not."""
    process.send_signal(signal.SIGINT if "postgres" in Path(str(process.args[0])).name else signal.SIGTERM)  # type: ignore[index]  # a list
    try:
        process.wait(40)  # gunicorn lets requests go on for 30 s, and one that is killed leaves its workers behind.
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tree(root: int) -> list[int]:
    """The process `root` and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, []))
    return found


def cpu_seconds(root: int) -> float:
    """CPU seconds, of user and system, that the tree of `root` has taken, those of its ended children among them."""
    # utime, stime, cutime and cstime: fields 14 to 17 of proc(5).
    return sum(sum(map(int, stat(process)[11:15])) for process in tree(root)) / TICKS_PER_SECOND


def machine_cpu_seconds() -> float:
    """CPU seconds that all programs of the machine have taken since its start."""
    # cpu, user, nice, system, idle, iowait, irq, softirq, steal: proc(5). user and nice include guests.
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND


def resident_mebibytes(process: int) -> float:
    """The memory of one process that is in RAM, what it shares with others included."""
    fields = stat(process)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if fields else 0.0


def stat(process: int) -> list[str]:
    """The fields of /proc/<process>/stat from the third on; none where the process has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()

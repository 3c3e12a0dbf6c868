"""What processes have used of the processor, as the kernel counts it (Linux)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def stat_of(process: int) -> tuple[str, int, float] | None:
    """Name, parent and CPU seconds of a process; None where it has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    name, _, rest = text[text.index("(") + 1 :].rpartition(")")
    fields = rest.split()
    return name, int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS


def processes() -> dict[int, tuple[str, int, float]]:
    """Name, parent and CPU seconds of every process."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return {number: stat for number in numbers if (stat := stat_of(number))}


def cpu_seconds(root: int) -> float:
    """CPU seconds of a process and of all that come from it and still run."""
    stats = processes()
    family: set[int] = set()
    more = {root}
    while more:
        family |= more
        more = {process for process, (_, parent, _) in stats.items() if parent in family} - family
    return sum(stats[process][2] for process in family if process in stats)


def resident_mib(root: int) -> list[float]:
    """Resident memory, in MiB, of the children of a process: a server's workers."""
    return [resident_of(process) for process, (_, parent, _) in processes().items() if parent == root]


def resident_of(process: int) -> float:
    """Resident memory of one process, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

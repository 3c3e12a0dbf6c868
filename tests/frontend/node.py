"""The Node projects of the repository: their packages, installed once as their package-lock.json says."""

import fcntl
import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.better_auth.project import node_environment

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENT = ROOT / "clients" / "typescript"
EXAMPLE = ROOT / "examples" / "nextjs"
INSTALL_SECONDS = 300
RUN_SECONDS = 300


def installed(folder: Path) -> Path:
    """Return the folder of a Node project, installed."""
    lock_file = folder / "package-lock.json"
    mark = folder / "node_modules" / ".installed-from"
    wanted = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    with lock_file.open() as lock:  # Two test processes may start at once: the second one waits, and finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            run(folder, "npm", "ci", "--loglevel=error", seconds=INSTALL_SECONDS)
            mark.write_text(wanted)
    return folder


def run(folder: Path, *command: str, environment: Mapping[str, str] | None = None, seconds: int = RUN_SECONDS) -> str:
    """Run a command in `folder` and return what it printed; its output is the message if it fails."""
    ended = subprocess.run(
        command,
        cwd=folder,
        env=node_environment(**(environment or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert ended.returncode == 0, f"{' '.join(command)} in {folder.name}:\n{ended.stdout[-6000:]}"
    return ended.stdout

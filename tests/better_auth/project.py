"""The Node project beside this file: whether it can run here, and its one installation."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LOCK = FOLDER / "package-lock.json"
INSTALLED = FOLDER / "node_modules" / ".installed-from"
OLDEST_NODE = 20
INSTALL_SECONDS = 300


class LabError(Exception):
    """The lab did not do what it was asked; says what Node, npm or Better Auth said."""


def why_not() -> str | None:
    """Why no Better Auth server can run on this machine, in words for a skipped test; None where one can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"Node.js is not installed: the real Better Auth needs node ≥ {OLDEST_NODE} and npm on the PATH"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        return f"Node.js {version} is too old: the real Better Auth needs node ≥ {OLDEST_NODE}"
    return None


def node_project() -> Path:
    """The folder of the Node project, its packages installed as package-lock.json says.

    Raises LabError: `npm ci` failed, with what npm said.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    # Two test processes may start at once: the second waits here, and finds the work done.
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # The mark is written last, so an installation that was cut short is made again.
        if not INSTALLED.exists() or INSTALLED.read_text() != wanted:
            npm_ci()
            INSTALLED.write_text(wanted)
    return FOLDER


def npm_ci() -> None:
    """Install exactly what package-lock.json names."""
    npm = subprocess.run(
        ["npm", "ci"], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
    )
    if npm.returncode:
        raise LabError(f"npm ci failed in {FOLDER}:\n{npm.stderr[-3000:]}")


def node_environment(**extra: str) -> dict[str, str]:
    """What Node needs of the environment, and `extra`: an AUTH_SECRET or NODE_ENV of this machine stays out."""
    return {"PATH": os.environ["PATH"], "TZ": "UTC", **extra}

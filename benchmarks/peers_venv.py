"""The virtual environment of the peers, apart from the project's own: benchmarks/.venv, which git ignores."""

import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"
REQUIREMENTS = PEERS / "requirements.txt"
PEERS_VENV = Path(__file__).resolve().parent / ".venv"
PEERS_PYTHON = PEERS_VENV / "bin" / "python"


def install_peers() -> None:
    """Make the environment, or bring it up to date with its requirements."""
    installed = PEERS_VENV / ".installed"
    if installed.exists() and installed.stat().st_mtime >= REQUIREMENTS.stat().st_mtime:
        return
    print("Installing the peers into benchmarks/.venv …", flush=True)
    if not PEERS_PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS_VENV], check=True)
    command = [
        str(PEERS_PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        str(REQUIREMENTS),
    ]
    subprocess.run(command, check=True)
    installed.touch()

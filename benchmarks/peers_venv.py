"""What the peers run on, apart from the project's own environment: benchmarks/.venv and node_modules."""

import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"
REQUIREMENTS = (PEERS / "requirements.txt", PEERS.parent.parent / "requirements.txt")
PEERS_VENV = Path(__file__).resolve().parent / ".venv"
PEERS_PYTHON = PEERS_VENV / "bin" / "python"
NODE_PEER = PEERS / "fastify"


def install_peers(*, node: bool = False) -> None:
    """Make the environment, or bring it up to date with its requirements; with `node`, the packages of npm too."""
    if is_older(PEERS_VENV / ".installed", *REQUIREMENTS):
        print("Installing the peers into benchmarks/.venv …", file=sys.stderr, flush=True)
        if not PEERS_PYTHON.exists():
            subprocess.run([sys.executable, "-m", "venv", PEERS_VENV], check=True)
        pip = [str(PEERS_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS[0])], check=True)
        (PEERS_VENV / ".installed").touch()
    # npm keeps a copy of the lock file of its last install.
    if node and is_older(NODE_PEER / "node_modules" / ".package-lock.json", NODE_PEER / "package-lock.json"):
        print("Installing Fastify into benchmarks/peers/fastify/node_modules …", file=sys.stderr, flush=True)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=NODE_PEER, check=True)


def is_older(file: Path, *sources: Path) -> bool:
    """Return whether `file` is missing, or older than one of the files that it is made from."""
    return not file.exists() or file.stat().st_mtime < max(source.stat().st_mtime for source in sources)

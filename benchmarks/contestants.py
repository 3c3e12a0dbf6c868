"""The API as it is deployed and its peers, each a server over a database of its own with the same tasks."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "peers"
PEERS_VENV = ROOT / "benchmarks" / ".venv"
SECRET = "a-secret-that-all-who-are-compared-share"
WORKERS = 2

# One person in each name; `user-7` has as many tasks as the rest of the crowd.
LISTS = {"p20": 20, "p100": 100, "p10000": 10_000}


@dataclass(frozen=True, eq=False)
class Contestant:
    """A server: its name, how it is started on a port, and its tables.

    schema: SQL, or a command that makes the tables. fill: SQL that gives `owners` (text[]) `tasks` (int) tasks each.
    """

    name: str
    port: int
    command: tuple[str, ...]
    folder: Path
    fill: str
    environment: dict[str, str] = field(default_factory=dict)
    has_list_etags: bool = False


OURS_FILL = """
INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
    SELECT owner, owner, owner || '@example.com', false, now(), now() FROM unnest(%(owners)s::text[]) owner;
INSERT INTO tasks (user_id, title, description, completed, created_at)
    SELECT owner, {row} FROM generate_series(1, %(tasks)s) n, unnest(%(owners)s::text[]) owner;
"""
SEED_FILL = """
INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
    SELECT owner, {row}, now() FROM generate_series(1, %(tasks)s) n, unnest(%(owners)s::text[]) owner;
"""
TUTORIAL_FILL = """
INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
    SELECT owner, '', false, '', '', '', false, true, now() FROM unnest(%(owners)s::text[]) owner;
INSERT INTO tutorial_tasks_task (user_id, title, description, completed, created_at, updated_at)
    SELECT auth_user.id, {row}, now() FROM generate_series(1, %(tasks)s) n, auth_user
    WHERE username = ANY(%(owners)s::text[]);
"""
ROW = (
    "'Task ' || n || ' of ' || {owner},"
    " CASE WHEN n %% 2 = 0 THEN 'Some words that a person may write about a thing to do' END,"
    " n %% 3 = 0, now() - n * interval '37 seconds'"
)

GUNICORN_OF_PEERS = str(PEERS_VENV / "bin" / "gunicorn")
OURS = Contestant(
    "todo-api",
    8301,
    (sys.executable, "-m", "gunicorn"),
    ROOT,
    OURS_FILL.format(row=ROW.format(owner="owner")),
    {"ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "false", "SECRET_KEY": "x" * 50, "WEB_CONCURRENCY": str(WORKERS)},
    has_list_etags=True,
)
UVICORN = (str(PEERS_VENV / "bin" / "uvicorn"), "main:app", "--port")
SEED = Contestant(  # with one process, as its documents start it
    "seed FastAPI",
    8302,
    (*UVICORN, "8302"),
    PEERS / "seed_fastapi",
    SEED_FILL.format(row=ROW.format(owner="owner")),
)
SEED_WITH_WORKERS = replace(
    SEED, name="seed, 2 workers", port=8304, command=(*UVICORN, "8304", "--workers", str(WORKERS))
)
TUTORIAL = Contestant(
    "tutorial DRF",
    8303,
    (GUNICORN_OF_PEERS, "tutorial:application", "--workers", str(WORKERS), "--bind", "127.0.0.1:8303"),
    PEERS / "tutorial_drf",
    TUTORIAL_FILL.format(row=ROW.format(owner="username")),
)
ALL = (OURS, SEED, SEED_WITH_WORKERS, TUTORIAL)


def install_peers() -> None:
    """Make the peers' own environment, once."""
    done = PEERS_VENV / ".installed"
    if not done.exists() or done.stat().st_mtime < (PEERS / "requirements.txt").stat().st_mtime:
        print("Installing the peers …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEERS_VENV], check=True)
        python = str(PEERS_VENV / "bin" / "python")
        pip = [python, "-m", "pip", "install", "-q", "-r", str(PEERS / "requirements.txt")]
        subprocess.run(pip, check=True)
        done.touch()


def make_tables(one: Contestant, url: str) -> None:
    """Make the tables of a contestant in the database at `url`, as each of them does."""
    python = str(PEERS_VENV / "bin" / "python")
    command = {
        OURS.folder: [sys.executable, "manage.py", "migrate", "-v0"],
        SEED.folder: [python, "-c", "import main; main.SQLModel.metadata.create_all(main.engine)"],
        TUTORIAL.folder: [python, "tutorial.py"],
    }[one.folder]
    subprocess.run(command, cwd=one.folder, env=environment_of(one, url), check=True)


def environment_of(one: Contestant, url: str) -> dict[str, str]:
    """The environment of a contestant's server."""
    driver = url.replace("postgresql://", "postgresql+psycopg://") if one.folder == SEED.folder else url
    return {
        **os.environ,
        "DATABASE_URL": driver,
        "DATABASE_URL_UNPOOLED": "",
        "BETTER_AUTH_SECRET": SECRET,
        "PORT": str(one.port),
        **one.environment,
    }


@contextmanager
def served(one: Contestant, url: str, log: Path) -> Iterator[int]:
    """A contestant's server, logs on, while the block runs; its process id."""
    with log.open("ab") as output:
        server = subprocess.Popen(
            one.command, cwd=one.folder, env=environment_of(one, url), stdout=output, stderr=output
        )
        try:
            wait_until_answering(one, log)
            yield server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


def wait_until_answering(one: Contestant, log: Path) -> None:
    """Return once /health answers. Raises RuntimeError after half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{one.port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{one.name} does not answer; see {log}")

"""A PostgreSQL of a test's own, which the test may stop, kill, freeze and starve of disk space."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from todo_project.embedded_postgresql import programs
from todo_project.embedded_postgresql.server import INITDB

PATIENCE_SECONDS = 30
DISK_MIB = 256
SETTINGS = {
    "listen_addresses": "",  # A socket in a folder: nobody can take its address while it is down.
    "fsync": "off",  # Processes are killed here, machines are not.
    "max_wal_size": "32MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",
}


class Cluster:
    """Its data and its socket are in `folder`. It runs for the length of a `with`.

    has_own_disk: whether its data is on a file system of its own, of DISK_MIB, which can be filled.
    """

    def __init__(self) -> None:
        self.stack = ExitStack()

    def __enter__(self) -> "Cluster":
        # Not pytest's folder: the path of a socket may have 103 bytes.
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="todo-faults-")))
        self.has_own_disk = self.mount()
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self.user = programs.user_for(self.data)
        programs.hand_over(self.data, self.user)
        if self.user:
            self.folder.chmod(0o777)
        # Small segments, so that a full disk is noticed at once.
        options = (*INITDB, "--wal-segsize=1", "--no-sync", "--pgdata", self.data)
        created = programs.run("initdb", *options, user=self.user)
        assert created.returncode == 0, created.stderr
        self.stack.callback(self.end)
        self.log = self.stack.enter_context((self.folder / "log").open("w+b"))
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def mount(self) -> bool:
        """Mount an empty file system on the folder, which root alone may do; return whether that worked."""
        options = ["-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(self.folder)]
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
            return False
        self.stack.callback(subprocess.run, ["umount", str(self.folder)], check=True)
        return True

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    def start(self) -> None:
        """Start it; return when it answers. A server that was killed recovers first."""
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [programs.folder() / "postgres", "-D", self.data, *words],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            **programs.surroundings(self.user),
        )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, self.said()
                assert self.process.poll() is None, self.said()
                time.sleep(0.01)
            else:
                return

    def said(self) -> str:
        """The end of its log."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements past all that is between it and the API; return the rows of the last."""
        rows: list[tuple[Any, ...]] = []
        options = "-c default_transaction_read_only=off"
        with psycopg.connect(self.url(database), autocommit=True, options=options) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def processes(self) -> list[Any]:
        main: Any = psutil.Process(self.process.pid)  # type: ignore[no-untyped-call]  # psutil has no types.
        return [*main.children(recursive=True), main]

    def stop(self) -> None:
        """End all connections at once, and stop: a fast shutdown."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill the main process; the others notice, and end themselves."""
        everybody = self.processes()
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)
        for process in everybody[:-1]:
            process.wait(PATIENCE_SECONDS)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside the block none of its processes runs; their connections stay open."""
        everybody = self.processes()
        for process in everybody:
            process.suspend()
        try:
            yield
        finally:
            for process in everybody:
                process.resume()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Inside the block its file system has no byte left. Afterwards it runs again, if that made it end."""
        filler = self.folder / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                while file.write(bytes(2**20)) == 2**20:
                    pass
        except OSError:
            pass
        try:
            yield
        finally:
            filler.unlink()
        if self.process.poll() is not None:
            self.start()
        self.wait_until_it_answers()

    def end(self) -> None:
        if self.process.poll() is None:
            self.stop()

"""Starts the PostgreSQL of development mode for the first process that needs it, and stops it with the last one."""

import atexit
import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from psycopg.pq import PGconn, Ping

from todo_project.development import give_to_owner
from todo_project.embedded_postgresql import programs
from todo_project.embedded_postgresql.programs import ANOTHER, EmbeddedPostgreSQLError

PATIENCE_SECONDS = 60
WAL_SEGMENT = 16 * 1024 * 1024  # bytes; PostgreSQL needs a new one from time to time.
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes, on macOS; Linux allows 107.
# Its list of socket folders, and the URL, have characters and an encoding of their own: other paths are not used.
PLAIN = re.compile(r"/[A-Za-z0-9/._+-]*")
# The same on every machine: the builtin locale needs none of the operating system's. Neon has it, too.
INITDB = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
REMEDIES = {
    errno.ENOSPC: "Free some disk space",
    errno.EDQUOT: "Free some disk space",
    errno.EACCES: "Give that folder to the user who runs this command, or delete it to start from scratch",
    errno.EPERM: "Give that folder to the user who runs this command, or delete it to start from scratch",
}


class EmbeddedPostgreSQL:
    """The server whose data is in `folder`/postgres.

    Who uses it is known by a lock of the operating system, which ends with its process, however that ends.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "postgres"
        self.thread = threading.Lock()
        self.lock: int | None = None  # The file descriptor of this process's lock, once it uses the server.
        self.url = ""
        os.register_at_fork(after_in_child=self.begin_as_child)

    def use(self) -> str:
        """Return the URL of the server, which now runs until this process ends. Raises EmbeddedPostgreSQLError."""
        with self.thread:
            if self.lock is None:
                with explained(self.folder):
                    self.join()
            return self.url

    def join(self) -> None:
        self.folder.mkdir(mode=0o755, exist_ok=True)
        give_to_owner(self.folder)
        with self.alone():
            if not self.is_running():
                self.initialise()
                self.remove_leftover()
                self.start()
            self.url = url(self.socket_folder())
            lock = self.opened("postgres.users")
            fcntl.flock(lock, fcntl.LOCK_SH)
            self.lock = lock
        atexit.register(self.leave)

    def leave(self) -> None:
        """Stop the server, unless another process uses it."""
        if self.lock is None:
            return
        try:
            with self.alone():
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
        except (BlockingIOError, FileNotFoundError):
            pass  # Another process uses it, or somebody has deleted the folder.
        self.forget()

    def forget(self) -> None:
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def begin_as_child(self) -> None:
        """Forget, after a fork, the lock of the parent: the child takes its own if it connects."""
        self.thread = threading.Lock()
        self.forget()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process starts or stops the server."""
        lock = self.opened("postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def opened(self, name: str) -> int:
        path = self.folder / name
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        give_to_owner(path)
        return descriptor

    def initialise(self) -> None:
        """Create the data in another folder and rename it: an interrupted attempt leaves nothing half done."""
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if draft.stat().st_mode & 0o077:
            raise EmbeddedPostgreSQLError(
                f"{self.folder} is on a file system without Unix permissions, which PostgreSQL needs. "
                "Move the project to another one; in WSL, from /mnt/c to your home folder."
            )
        user = programs.user_for(self.data)
        programs.hand_over(draft, user)
        initdb = programs.run("initdb", *INITDB, "--pgdata", draft, user=user)
        if initdb.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise EmbeddedPostgreSQLError(
                f"PostgreSQL cannot create its data in {self.folder}: {programs.complaint(initdb.stderr)}. "
                f"Correct that, {ANOTHER}."
            )
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def start(self) -> None:
        user = programs.user_for(self.data)
        if not user and self.data.stat().st_uid != os.geteuid():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.data))
        folder = socket_folder_for(self.data)
        programs.hand_over(self.data, user)
        programs.hand_over(folder, user)
        log = self.opened("postgres.log")
        os.truncate(log, 0)
        process = programs.start(
            log,
            "postgres",
            *("-D", self.data, "-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"),
            user=user,
        )
        os.close(log)
        wait_until(lambda: self.state() == Ping.OK or has_ended(process))
        if self.state() == Ping.OK:
            return
        if shutil.disk_usage(self.data).free < WAL_SEGMENT:  # Its log may lack the reason, which needs space, too.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.data))
        said = (self.folder / "postgres.log").read_text(errors="replace")
        raise EmbeddedPostgreSQLError(
            f"PostgreSQL does not start in {self.data}: {programs.complaint(said)}. Correct that, {ANOTHER}."
        )

    def stop(self) -> None:
        """Stop the server as Ctrl-C would: it ends all connections first (a fast shutdown)."""
        process = self.process()
        if process is None or process not in servers_of(self.data):
            return
        os.kill(process, signal.SIGINT)
        wait_until(lambda: has_ended(process))

    def is_running(self) -> bool:
        """Return whether the server answers; wait while it is starting or stopping."""
        wait_until(lambda: self.state() != Ping.REJECT)
        return self.state() == Ping.OK

    def state(self) -> Ping | None:
        """Return what libpq's PQping says; None if the server has not begun to start."""
        try:
            return Ping(PGconn.ping(url(self.socket_folder()).encode()))
        except (FileNotFoundError, IndexError):
            return None

    def remove_leftover(self) -> None:
        """Remove what a killed server left: files with its process id, which may be another's by now.

        PostgreSQL does not start while a process of that id exists, as is usual after the restart of a container, or if
        a file is empty, as a full disk leaves it.
        """
        if not (self.data / "postmaster.pid").exists():
            return
        folder = socket_folder_for(self.data)
        if (folder / SOCKET).exists() and self.process() in servers_of(self.data):
            return  # It runs and does not answer: what follows would damage its data.
        self.stop()  # It runs, and somebody deleted its socket: nothing reaches it any more.
        wait_until(lambda: not servers_of(self.data))  # The children of a killed server end by themselves.
        for path in (self.data / "postmaster.pid", folder / f"{SOCKET}.lock"):
            path.unlink(missing_ok=True)

    def process(self) -> int | None:
        """Return the process id of the server, if its file has one."""
        try:
            return int(self.pid_file()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def socket_folder(self) -> Path:
        return Path(os.fsdecode(self.pid_file()[4]))

    def pid_file(self) -> list[bytes]:
        """Return the lines: process id, data, start, port, socket folder, and others.

        Source: https://www.postgresql.org/docs/18/storage-file-layout.html
        """
        return (self.data / "postmaster.pid").read_bytes().splitlines()


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn a failure of the operating system into one sentence."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "Correct that")
        raise EmbeddedPostgreSQLError(
            f"Development mode keeps its database in {folder}, and that fails: {error.strerror} "
            f"({error.filename}). {remedy}, {ANOTHER}."
        ) from error


def url(socket_folder: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(socket_folder), safe='/')}"


def socket_folder_for(data: Path) -> Path:
    """Return `data`, or a folder of our own among the temporary ones if a socket in `data` could not be reached."""
    name = hashlib.sha256(f"{data} {data.stat().st_ino}".encode(errors="surrogateescape")).hexdigest()[:12]
    for folder in (data, Path(tempfile.gettempdir()) / f"todo-{name}", Path(f"/tmp/todo-{name}")):  # noqa: S108
        if not PLAIN.fullmatch(str(folder)) or len(str(folder / SOCKET)) > LONGEST_SOCKET:
            continue
        if folder != data:
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat(follow_symlinks=False).st_uid not in {os.geteuid(), data.stat().st_uid}:
                continue
        return folder
    raise EmbeddedPostgreSQLError(f"No folder has a path that is short enough for a socket. Set TMPDIR, {ANOTHER}.")


def has_ended(process: int) -> bool:
    """Return whether the process has ended, even if nobody has waited for it: in a container, often nobody does."""
    import psutil  # Here, because it comes with the wheel.

    try:
        status = psutil.Process(process).status()  # type: ignore[no-untyped-call]  # psutil has no types.
    except psutil.NoSuchProcess:
        return True
    return bool(status == psutil.STATUS_ZOMBIE)


def servers_of(data: Path) -> set[int]:
    """Return the processes of the PostgreSQL of `data`, which is the folder that they work in."""
    import psutil

    found = set()
    for process in psutil.process_iter(["name"]):  # type: ignore[no-untyped-call]  # psutil has no types.
        with contextlib.suppress(psutil.Error):  # It has ended, or belongs to somebody else.
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                found.add(process.pid)
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    """Ask fifty times a second, for a minute."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)

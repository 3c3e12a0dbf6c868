"""PgBouncer in transaction mode before a PostgreSQL, which a test may restart, pause and kill."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.api_server import free_port

REASON = "PgBouncer is not installed: it needs Debian's pgbouncer on the PATH"
needs_pgbouncer = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason=REASON)

CONFIGURATION = """
[databases]
* = host={host} port={database} {login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = postgres
pool_mode = transaction
default_pool_size = {connections}
server_login_retry = 0.5
ignore_startup_parameters = extra_float_digits,options
so_reuseport = 1
"""


class PgBouncer:
    """Listens on `port`, before the PostgreSQL on the port `database`, for the length of a `with`.

    host: of that PostgreSQL, or the folder of its socket. login: as whom PgBouncer signs in there, whoever comes.
    """

    def __init__(
        self, database: int, *, host: str = "127.0.0.1", login: str = "user=postgres", connections: int = 8
    ) -> None:
        self.host = host
        self.port = free_port()
        self.configuration = CONFIGURATION.format(
            host=host, database=database, login=login, connections=connections, port=self.port
        )
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        file = folder / "pgbouncer.ini"
        file.write_text(self.configuration)
        self.command = ["pgbouncer", "--quiet", str(file)]
        if getpass.getuser() == "root":  # PgBouncer refuses to be root; the folder of a socket may have an owner.
            self.command[1:1] = ["--user", Path(self.host).owner() if self.host.startswith("/") else "nobody"]
        self.start()
        self.stack.callback(self.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def start(self) -> None:
        """Start it; return when it listens."""
        self.process = subprocess.Popen(self.command, env={"PATH": os.environ["PATH"]})
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "PgBouncer did not start."
            assert time.monotonic() < deadline

    def stop(self, way: signal.Signals = signal.SIGTERM) -> None:
        """TERM ends all connections at once (INT waits for them); KILL ends it without a word."""
        self.process.send_signal(way)
        self.process.wait(20)

    def command_line(self, command: str) -> None:
        """Give a command to its admin console, PAUSE or RESUME, and wait until it is done."""
        url = f"postgresql://postgres@127.0.0.1:{self.port}/pgbouncer"
        with psycopg.connect(url, autocommit=True) as console:
            console.pgconn.exec_(command.encode())


def pooler_of(database: str, login: str) -> PgBouncer:
    """Return a PgBouncer before the server of a database's URL, with two connections for everybody."""
    server = conninfo_to_dict(database)
    return PgBouncer(int(server.get("port") or 5432), host=str(server["host"]), login=login, connections=2)

"""PgBouncer in transaction mode, as Neon's pooled URL is, before a PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.postgres import UNPRIVILEGED
from benchmarks.processes import LOOPBACK, free_port, running

CONFIGURATION = """
[databases]
* = host={loopback} port={port} user=postgres
[pgbouncer]
listen_addr = {loopback}
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
ignore_startup_parameters = extra_float_digits
"""


def is_installed() -> bool:
    """Whether there is a PgBouncer on the PATH."""
    return shutil.which("pgbouncer") is not None


@contextmanager
def pgbouncer(port: int, folder: Path) -> Iterator[int]:
    """Inside the block a PgBouncer before the server on `port` listens on the port given."""
    listen = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(loopback=LOOPBACK, port=port, listen=listen))
    # It refuses to run as root.
    command = ["pgbouncer", *(["--user", UNPRIVILEGED] if os.getuid() == 0 else []), "--quiet", str(file)]
    with running(command, port=listen, log=folder / "pgbouncer.log"):
        yield listen

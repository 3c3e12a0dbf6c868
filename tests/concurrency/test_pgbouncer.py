"""The API works through PgBouncer in transaction mode, as Neon's pooled host does, and migrates past it."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, free_port, manage
from tests.support.databases import fresh_database
from tests.support.people import token_of

pytestmark = pytest.mark.skipif(
    shutil.which("pgbouncer") is None, reason="PgBouncer is not installed: it needs Debian's pgbouncer on the PATH"
)

CONFIGURATION = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
"""


def database_server() -> tuple[str, int]:
    """Where the PostgreSQL of the tests listens: a host, or the folder of its socket."""
    parameters = connection.get_connection_params()
    return parameters["host"], int(parameters.get("port", 5432))


@pytest.fixture
def pooler(tmp_path: Path) -> Iterator[int]:
    """The port of a PgBouncer before the PostgreSQL of the tests, with two connections for everybody."""
    host, server_port = database_server()
    listen = free_port()
    file = tmp_path / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(host=host, port=server_port, listen=listen))
    command = ["pgbouncer", "--quiet", str(file)]
    if getpass.getuser() == "root":  # PgBouncer refuses to be root; the embedded PostgreSQL's folder has an owner.
        for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
            folder.chmod(0o755)
        command[1:1] = ["--user", Path(host).owner() if host.startswith("/") else "nobody"]
    process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]})
    try:
        wait_for(listen, process)
        yield listen
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once somebody listens on `port`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("PgBouncer did not start.")


def test_tasks_live_through_a_pooler_and_migrations_go_past_it(pooler: int) -> None:
    host, port = database_server()
    direct_server = f"postgresql://postgres@/postgres?host={host}&port={port}"
    with fresh_database(direct_server) as direct:
        name = direct.split("@/")[1].split("?")[0]
        pooled = f"postgresql://postgres@127.0.0.1:{pooler}/{name}"
        migrated = manage(pooled, "migrate", "--verbosity=0", DATABASE_URL_UNPOOLED=direct)
        assert migrated.returncode == 0, migrated.stderr

        with Api(pooled, WEB_CONCURRENCY="2") as api:
            for person in ("ada", "bob", "eve"):
                token = token_of(person, secret=api.secret)
                for _ in range(5):
                    api.lives_through(person, **bearer(token))
                exported = api.send("GET", f"/api/{person}/export", **bearer(token))
                assert len(exported.json["history"]) == 5 * 4  # created, renamed, toggled, deleted
            token = token_of("eve", secret=api.secret)
            assert api.send("DELETE", "/api/eve?confirm=eve", **bearer(token)).status == 204
            assert api.send("GET", "/api/eve/export", **bearer(token)).json["history"] == []
        with psycopg.connect(direct) as database:  # Who writes is said in each transaction, and leaks into no other.
            said = "SELECT count(*), count(*) FILTER (WHERE (actor, source) = (user_id, 'api')) FROM task_changes"
            total, right = database.execute(said).fetchone() or (0, 0)
            assert total == right == 2 * 5 * 4

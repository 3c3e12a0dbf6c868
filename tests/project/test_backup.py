"""A backup that is restored (docs/operations.md): what was there is there, and copies of lists notice what was not."""

import shutil
import subprocess

import psycopg
import pytest

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of
from todo_project.embedded_postgresql import programs


def program(name: str) -> str:
    """The program of the server's own major version: what a newer pg_dump writes, an older server may refuse."""
    with psycopg.connect(server_url()) as server:
        major = server.info.server_version // 10_000
    for found in (str(programs.folder() / name), shutil.which(name)):
        if found and f" {major}." in subprocess.check_output([found, "--version"], text=True):
            return found
    pytest.skip(f"This test needs the {name} of PostgreSQL {major}, which is not on the PATH.")


def backup_and_restore(source: str, target: str) -> None:
    """The commands of docs/operations.md."""
    dump = [program("pg_dump"), "--format=custom", "--no-owner", source]
    restore = [program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={target}"]
    dumped = subprocess.run(dump, check=True, capture_output=True, timeout=60)
    subprocess.run(restore, check=True, input=dumped.stdout, timeout=60)


def test_after_a_restore_copies_go_on_or_start_again() -> None:
    with fresh_database(server_url()) as source, fresh_database(server_url()) as target:
        assert manage(source, "migrate", "--verbosity=0").returncode == 0
        with Api(source) as api:
            ada = bearer(token_of("ada", secret=api.secret))
            tasks, feed = "/api/ada/tasks", "/api/ada/tasks/changes"
            kept = api.send("POST", tasks, {"title": "In the backup"}, **ada).json
            of_the_backup = api.send("GET", feed, **ada).json["revision"]
            backup_and_restore(source, target)
            api.send("POST", tasks, {"title": "Lost"}, **ada)
            of_the_loss = api.send("GET", feed, **ada).json["revision"]

        with Api(target) as api:
            assert api.send("GET", tasks, **ada).json == [kept]
            up_to_date = api.send("GET", f"{feed}?since={of_the_backup}", **ada).json
            assert up_to_date["changes"] == []
            outdated = api.send("GET", f"{feed}?since={of_the_loss}", **ada)
            assert (outdated.status, outdated.json["error_code"]) == (410, "REVISION_EXPIRED")
            api.send("POST", tasks, {"title": "After the restore"}, **ada)
            following = api.send("GET", f"{feed}?since={of_the_backup}", **ada).json["changes"]
            assert [change["task"]["title"] for change in following] == ["After the restore"]
            assert api.send("GET", f"{feed}?since={of_the_loss}", **ada).status == 410, (
                "the same revision, another change"
            )

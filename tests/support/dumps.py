"""A copy of a database by pg_dump and pg_restore, as docs/operations.md says."""

import shutil
import subprocess

import psycopg
import pytest

from tests.support.databases import server_url
from todo_project.embedded_postgresql import programs


def program(name: str) -> str:
    """The program of the server's own major version: what a newer pg_dump writes, an older server may refuse."""
    with psycopg.connect(server_url()) as server:
        major = server.info.server_version // 10_000
    for found in (str(programs.folder() / name), shutil.which(name)):
        if found and f" {major}." in subprocess.check_output([found, "--version"], text=True):
            return found
    pytest.skip(f"This test needs the {name} of PostgreSQL {major}, which is not on the PATH.")


def dump_and_restore(source: str, target: str) -> None:
    """Copy the database at one URL into the empty one at the other."""
    dump = [program("pg_dump"), "--format=custom", "--no-owner", f"--dbname={source}"]
    restore = [program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={target}"]
    plain = {"LC_ALL": "C"}  # A developer's PGPORT and the like are not meant.
    dumped = subprocess.run(dump, check=True, capture_output=True, timeout=60, env=plain)
    subprocess.run(restore, check=True, capture_output=True, input=dumped.stdout, timeout=60, env=plain)

"""A role that serves and owns nothing, as docs/least-privileges.md makes it, in a database of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.support.api_server import manage
from tests.support.databases import fresh_database, server_url
from tests.support.pgbouncer import PgBouncer, pooler_of


@dataclass
class Roles:
    """A migrated database. admin: the URL of the role that migrates; serving: of the role that serves."""

    admin: str
    serving: str
    role: str

    def allow(self, *options: str) -> str:
        ended = manage(self.admin, "serving_role", self.role, *options)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def pooler(self) -> PgBouncer:
        """Return a PgBouncer that signs in as the role that serves."""
        return pooler_of(self.serving, f"user={self.role} password=secret")

    def pooled(self, port: int) -> str:
        """Return the URL of the role that serves through the PgBouncer on `port`."""
        return f"postgresql://{self.role}:secret@127.0.0.1:{port}/{conninfo_to_dict(self.serving)['dbname']}"


@contextmanager
def serving_role() -> Iterator[Roles]:
    """Make both for the length of a `with`."""
    role = f"todo_api_{secrets.token_hex(4)}"
    with fresh_database(server_url()) as admin:
        assert manage(admin, "migrate", "--verbosity=0").returncode == 0
        with psycopg.connect(admin, autocommit=True) as database:
            database.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret'").format(sql.Identifier(role)))
            try:
                yield Roles(admin, admin.replace("postgres@", f"{role}:secret@", 1), role)
            finally:
                database.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
                database.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

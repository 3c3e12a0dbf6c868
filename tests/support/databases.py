"""Empty databases, made for one use on the PostgreSQL of the tests."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from todo_project.development import database_url


def server_url() -> str:
    """The PostgreSQL of the tests. The embedded one listens on a socket in a folder, as Node's driver takes it too."""
    return str(settings.DATABASE_URL) or database_url(settings.DEVELOPMENT_DIR)


@contextmanager
def fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database beside the one of `server_url`; gone afterwards, whoever is still connected.

    template: the database that it is a copy of; by default it is empty.
    """
    name = f"better_auth_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

"""The API serves as a role that owns nothing, and a second wall in the database keeps users apart even without the first.

The role of these tests is made as docs/least-privileges.md says. The database is one of their own.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from tests.better_auth.test_setups import bearer
from tests.concurrency.test_pgbouncer import database_server, pooler  # noqa: F401  a fixture
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of


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


@pytest.fixture
def roles() -> Iterator[Roles]:
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


def live(api: Api) -> None:
    """Everything that a user can do, for two of them."""
    for person in ("ada", "bob"):
        headers = bearer(token_of(person, secret=api.secret, name=person, email=f"{person}@example.com"))
        tasks = f"/api/{person}/tasks"
        api.lives_through(person, **headers)
        retried = [api.send("POST", tasks, {"title": "Once"}, **headers, **{"Idempotency-Key": '"k"'}) for _ in "12"]
        assert [answer.status for answer in retried] == [201, 201]
        path = f"{tasks}/{retried[0].json['id']}"
        assert api.send("PUT", path, {"title": ""}, **headers).status == 422
        assert api.send("PATCH", f"{tasks}?status=all", {"completed": True}, **headers).status == 200
        assert api.send("GET", f"{tasks}/changes", **headers).json["changes"] or True
        page = api.send("GET", f"{tasks}?limit=1&sort=title", **headers)
        assert [task["title"] for task in page.json] == ["Once"]
        exported = api.send("GET", f"/api/{person}/export", **headers).json
        assert exported["user"]["id"] == person
        assert len(exported["tasks"]) == 1
        assert len(exported["trash"]) == 1
    ada = bearer(token_of("ada", secret=api.secret))
    assert api.send("DELETE", "/api/ada?confirm=ada", **ada).status == 204
    assert api.send("GET", "/api/ada/tasks", **ada).json == []
    bob = bearer(token_of("bob", secret=api.secret))
    assert len(api.send("GET", "/api/bob/tasks", **bob).json) == 1


@pytest.mark.parametrize("with_row_security", [False, True])
def test_the_role_that_serves_owns_nothing_and_can_do_all_that_users_do(roles: Roles, with_row_security: bool) -> None:
    roles.allow("--row-security" if with_row_security else "--no-row-security")

    with Api(roles.serving, DATABASE_ROW_SECURITY=str(with_row_security).lower()) as api:
        live(api)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE tasks",
        "TRUNCATE tasks",
        "ALTER TABLE tasks DISABLE TRIGGER ALL",
        "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY",
        "SET session_replication_role = replica",
        "SELECT * FROM auth_user",
        "SELECT * FROM django_session",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '9999', now())",
    ],
)
def test_the_role_that_serves_may_not(roles: Roles, statement: str) -> None:
    roles.allow()

    with psycopg.connect(roles.serving) as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(statement.encode())


def test_without_being_told_whose_the_role_sees_no_row_and_writes_none(roles: Roles) -> None:
    roles.allow("--row-security")
    with psycopg.connect(roles.admin) as database:
        database.execute(
            """INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('ada', 'a', 'a@b.c', false)"""
        )
        database.execute("INSERT INTO tasks (user_id, title) VALUES ('ada', 'Hers')")

    with psycopg.connect(roles.serving, autocommit=True) as database:
        for table in ("tasks", "task_lists", "task_changes", "task_idempotency_keys"):
            assert database.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
        assert database.execute("UPDATE tasks SET title = 'Mine'").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security policy"):
            database.execute("INSERT INTO tasks (user_id, title) VALUES ('ada', 'Not hers')")


def test_the_statements_can_be_read_before_they_run(roles: Roles) -> None:
    printed = roles.allow("--row-security", "--dry-run")

    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON "tasks" TO "{roles.role}";' in printed.splitlines()
    assert 'ALTER TABLE "tasks" ENABLE ROW LEVEL SECURITY;' in printed.splitlines()
    with psycopg.connect(roles.serving) as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute("SELECT 1 FROM tasks")


def test_a_role_that_does_not_exist_is_named(roles: Roles) -> None:
    ended = manage(roles.admin, "serving_role", "nobody_of_this_name")

    assert ended.returncode == 1
    assert 'role "nobody_of_this_name" does not exist' in ended.stderr

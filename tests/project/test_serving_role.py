"""The API serves as a role that owns nothing, and row-level security keeps users apart even if our own condition fails.

The role of these tests is made as docs/least-privileges.md says. The database is one of their own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.better_auth.test_setups import bearer
from tests.support import api_server
from tests.support.api_server import Api, manage
from tests.support.checkout import Checkout
from tests.support.people import token_of
from tests.support.serving_role import Roles


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of the project that a test may break."""
    return Checkout(tmp_path)


class Unfiltered(Api):
    """The API without the condition that keeps users apart: `own()` is true for every row."""

    def __init__(self, checkout: Checkout, database: str, monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
        fragments = checkout.folder / "tasks" / "sql" / "fragments.py"
        text = fragments.read_text(encoding="utf-8")
        condition = 'return f"{table}.user_id = %(user_id)s"'
        assert condition in text
        fragments.write_text(text.replace(condition, "return f\"{table}.user_id <> ''\""), encoding="utf-8")
        monkeypatch.setattr(api_server, "ROOT", checkout.folder)
        super().__init__(database, **settings)


@contextmanager
def two_users(api: Api) -> Iterator[tuple[dict[str, str], int]]:
    """Yield what ann sends to be herself, and the id of a task of ben, which must be the same afterwards."""
    users = {name: bearer(token_of(name, secret=api.secret)) for name in ("ann", "ben")}
    for name, headers in users.items():
        assert api.send("DELETE", f"/api/{name}/tasks?status=all", **headers).status == 200
    task = api.send("POST", "/api/ben/tasks", {"title": "Of Ben"}, **users["ben"]).json
    yield users["ann"], task["id"]
    assert api.send("GET", "/api/ben/tasks", **users["ben"]).json == [task]


@pytest.mark.parametrize("serving_url", ["direct", "pooled"], indirect=True)
def test_without_our_own_condition_row_security_still_shows_nothing_of_others(
    roles: Roles, serving_url: str, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.allow("--row-security")

    with (
        Unfiltered(checkout, serving_url, monkeypatch, DATABASE_ROW_SECURITY="true") as api,
        two_users(api) as (ann, id_of_ben),
    ):
        for _ in range(5):  # The connections of the pool are used by both, in turn.
            mine = api.send("POST", "/api/ann/tasks", {"title": "Of Ann"}, **ann).json
            assert [task["id"] for task in api.send("GET", "/api/ann/tasks", **ann).json] == [mine["id"]]
            path = f"/api/ann/tasks/{id_of_ben}"
            assert api.send("GET", path, **ann).status == 404
            assert api.send("PUT", path, {"title": "Mine now"}, **ann).status == 404
            assert api.send("PUT", path, {"title": ""}, **ann).status == 404
            assert api.send("PATCH", f"{path}/complete", **ann).status == 404
            assert api.send("DELETE", path, **ann).status == 404
            assert api.send("PATCH", "/api/ann/tasks?status=all", {"completed": True}, **ann).json == {"updated": 1}
            changes = api.send("GET", "/api/ann/tasks/changes", **ann).body
            exported = api.send("GET", "/api/ann/export", **ann).body
            assert b"Of Ben" not in changes + exported
            assert api.send("DELETE", "/api/ann/tasks?status=all", **ann).status == 200


def test_without_either_wall_others_would_be_seen(
    roles: Roles, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.allow("--no-row-security")

    with Unfiltered(checkout, roles.serving, monkeypatch) as api:
        ann, ben = (bearer(token_of(name, secret=api.secret)) for name in ("ann", "ben"))
        of_ben = api.send("POST", "/api/ben/tasks", {"title": "Of Ben"}, **ben).json
        assert api.send("GET", f"/api/ann/tasks/{of_ben['id']}", **ann).json == of_ben


def live(api: Api, ada: str, bob: str) -> None:
    """Everything that a user can do, for two of them."""
    for person in (ada, bob):
        headers = bearer(token_of(person, secret=api.secret, name=person, email=f"{person}@example.com"))
        tasks = f"/api/{person}/tasks"
        api.lives_through(person, **headers)
        retried = [api.send("POST", tasks, {"title": "Once"}, **headers, **{"Idempotency-Key": '"k"'}) for _ in "12"]
        assert [answer.status for answer in retried] == [201, 201]
        path = f"{tasks}/{retried[0].json['id']}"
        assert api.send("PUT", path, {"title": ""}, **headers).status == 422
        assert api.send("PATCH", f"{tasks}?status=all", {"completed": True}, **headers).status == 200
        changes = api.send("GET", f"{tasks}/changes", **headers).json["changes"]
        assert [change["task"]["title"] for change in changes] == ["Once"]
        page = api.send("GET", f"{tasks}?limit=1&sort=title", **headers)
        assert [task["title"] for task in page.json] == ["Once"]
        exported = api.send("GET", f"/api/{person}/export", **headers).json
        assert exported["user"]["id"] == person
        assert len(exported["tasks"]) == 1
        assert len(exported["trash"]) == 1
    headers = bearer(token_of(ada, secret=api.secret))
    assert api.send("DELETE", f"/api/{ada}?confirm={ada}", **headers).status == 204
    assert api.send("GET", f"/api/{ada}/tasks", **headers).json == []
    assert len(api.send("GET", f"/api/{bob}/tasks", **bearer(token_of(bob, secret=api.secret))).json) == 1


@pytest.mark.parametrize("with_row_security", [False, True])
def test_the_role_that_serves_owns_nothing_and_can_do_all_that_users_do(roles: Roles, with_row_security: bool) -> None:
    roles.allow("--row-security" if with_row_security else "--no-row-security")

    with Api(roles.serving, DATABASE_ROW_SECURITY=str(with_row_security).lower()) as api:
        live(api, f"ada-{with_row_security}", f"bob-{with_row_security}")


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


def test_an_instance_of_the_role_that_serves_has_no_admin(roles: Roles) -> None:
    roles.allow()

    with Api(roles.serving) as api:
        signed_in = api.send("GET", "/admin/", Cookie=f"sessionid={'a' * 32}")
        form = api.send("GET", "/admin/login/")
        (token,) = re.findall(rb'name="csrfmiddlewaretoken" value="([^"]+)"', form.body)
        cookie = form.headers["Set-Cookie"].partition(";")[0]
        credentials = {"csrfmiddlewaretoken": token.decode(), "username": "ann", "password": "x"}
        signing_in = api.send_form("/admin/login/", credentials, Cookie=cookie)
        api.log.seek(0)
        log = api.log.read()

    assert [signed_in.status, signing_in.status] == [404, 404]
    assert b"There is no admin on this instance" in signed_in.body
    assert "Traceback" not in log


# A temporary table of the same name as ours, with a trigger that says who runs it.
SHADOW = """
CREATE TEMP TABLE {table} AS SELECT * FROM public.{table} LIMIT 0;
CREATE TEMP TABLE ran_as (name text);
GRANT ALL ON ran_as, {table} TO PUBLIC;
CREATE FUNCTION pg_temp.spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ran_as VALUES (current_user);
    RETURN NULL;
END $$;
CREATE TRIGGER spy BEFORE INSERT OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.spy();
SELECT set_config('todo.user_id', 'eve', false);
"""


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("task_changes", "DELETE FROM public.tasks WHERE user_id = 'eve'"),
        (
            "task_lists",
            """INSERT INTO "user" (id, name, email, "emailVerified") VALUES (gen_random_uuid()::text, '', '', false)""",
        ),
    ],
)
def test_a_temporary_table_does_not_make_the_role_run_code_as_the_owner(
    roles: Roles, table: str, statement: str
) -> None:
    roles.allow("--row-security")
    with psycopg.connect(roles.admin) as database:
        database.execute(
            """INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('eve', '', 'eve', false)
            ON CONFLICT DO NOTHING"""
        )
        database.execute("INSERT INTO tasks (user_id, title) VALUES ('eve', 'Hers')")

    with psycopg.connect(roles.serving, autocommit=True) as database:
        database.execute(SHADOW.format(table=table).encode())
        assert database.execute(statement.encode()).rowcount > 0
        assert database.execute("SELECT name FROM ran_as").fetchall() == []


@pytest.mark.parametrize("function", ["task_after_delete", "task_user_after_insert", "task_user_before_delete"])
def test_the_role_makes_no_trigger_of_a_function_that_works_as_the_owner(roles: Roles, function: str) -> None:
    roles.allow("--row-security")

    with psycopg.connect(roles.serving) as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(
            f"""
            CREATE TEMP TABLE old_ones AS SELECT * FROM public.tasks LIMIT 0;
            CREATE TRIGGER erase AFTER DELETE ON old_ones REFERENCING OLD TABLE AS old_tasks
            FOR EACH STATEMENT EXECUTE FUNCTION {function}()
        """.encode()
        )


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
            database.execute("INSERT INTO tasks (user_id, title) VALUES ('zoe', 'Not hers')")


def test_the_statements_can_be_read_before_they_run(roles: Roles) -> None:
    roles.allow("--no-row-security")

    printed = roles.allow("--row-security", "--dry-run")

    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON "tasks" TO "{roles.role}";' in printed.splitlines()
    assert 'ALTER TABLE "tasks" ENABLE ROW LEVEL SECURITY;' in printed.splitlines()
    with psycopg.connect(roles.admin) as database:
        assert database.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'tasks'").fetchone() == (False,)


def test_a_role_that_does_not_exist_is_named(roles: Roles) -> None:
    ended = manage(roles.admin, "serving_role", "nobody_of_this_name")

    assert ended.returncode == 1
    assert 'role "nobody_of_this_name" does not exist' in ended.stderr

"""With DATABASE_ROW_SECURITY, every way to run a statement first tells PostgreSQL whose rows it may reach."""

from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts import statements
from accounts.prepared import MAX_PREPARED, PreparedStatements
from tests.support.people import Person, token_of
from todo_project.database import close_pools

WHOSE = "SELECT current_setting('todo.user_id', true), %(user_id)s::text"
PARAMETERS = {"user_id": "owner"}


@pytest.fixture
def pool(transactional_db: None, settings: Settings) -> Iterator[None]:
    settings.DATABASE_ROW_SECURITY = True
    close_pools()
    connection.close()
    yield
    close_pools()


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize("way", ["prepared", "behind a pooler", "instrumented", "Django's cursor"])
def test_postgresql_is_told_whose_rows_and_forgets_it(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "behind a pooler":
        monkeypatch.setattr(statements, "getattr", lambda *_: False, raising=False)
    if way == "instrumented":
        monkeypatch.setattr(statements, "has_own_cursor", lambda _: False)
    if way == "Django's cursor":
        monkeypatch.setattr(statements, "is_observed", lambda _: True)

    for _ in range(2):
        assert statements.fetch_all(WHOSE, PARAMETERS) == [("owner", "owner")]
        [(told, _)] = statements.fetch_all(f"{WHOSE} WHERE %(other)s::text IS NULL", {"user_id": "b", "other": None})
        assert told == "b"
    assert statements.fetch_all("SELECT current_setting('todo.user_id', true)", {}) in ([("",)], [(None,)])


@pytest.mark.usefixtures("pool")
def test_an_error_of_the_statement_leaves_the_connection_usable() -> None:
    broken = "SELECT 1 / (%(user_id)s::text = 'never')::int"

    for _ in range(2):
        with pytest.raises(Exception, match="division by zero"):
            statements.fetch_all(broken, PARAMETERS)
        assert statements.fetch_all(WHOSE, PARAMETERS) == [("owner", "owner")]


def test_a_connection_full_of_statements_keeps_the_one_that_it_needs(transactional_db: None) -> None:
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in CONNECT}
    with psycopg.connect(**parameters, autocommit=True) as own:
        prepared = PreparedStatements(own)
        for number in range(MAX_PREPARED):
            prepared.fetch_all(f"SELECT {number}", {})
        for _ in range(2):
            assert prepared.fetch_all(WHOSE, PARAMETERS, owner="owner") == [("owner", "owner")]


CONNECT = {"dbname", "user", "password", "host", "port"}


@pytest.mark.usefixtures("pool")
def test_requests_work_with_it() -> None:
    owner = Person("owner", token_of("owner"))
    task = owner.post(owner.tasks, {"title": "Buy milk"}).json

    assert owner.put(f"{owner.tasks}/{task['id']}", {"title": ""}).status == 422
    assert owner.put(f"{owner.tasks}/{task['id'] + 1}", {"title": ""}).status == 404
    assert owner.get("/api/owner/export").status == 200
    assert owner.delete("/api/owner?confirm=owner").status == 204


@pytest.mark.django_db
@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("switch", ["--row-security", "--no-row-security"])
def test_serving_role_grants_and_switches(settings: Settings, is_shared: bool, switch: str) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = is_shared
    printed = StringIO()

    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE role_of_a_test")
    call_command("serving_role", "role_of_a_test", switch, stdout=printed)
    call_command("serving_role", "role_of_a_test", "--dry-run", stdout=printed)

    assert "may serve the API" in printed.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("""SELECT has_table_privilege('role_of_a_test', '"user"', 'DELETE')""")
        assert cursor.fetchone() == (not is_shared,)
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'tasks'")
        assert cursor.fetchone() == (switch == "--row-security",)


@pytest.mark.django_db
def test_serving_role_names_a_role_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match='role "nobody_of_this_name" does not exist'):
        call_command("serving_role", "nobody_of_this_name")

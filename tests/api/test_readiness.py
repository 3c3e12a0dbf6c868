"""/ready is 200 if the database answers and has every migration, else 503; /health asks no database."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from tests.support.faults import statements_raise
from tests.support.people import Person
from todo_project import readiness


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_migrated", set())


def test_a_migrated_database_is_ready(nobody: Person, db: None) -> None:
    for host in ("localhost", "10.0.0.7"):
        answer = nobody.get("/ready", host=host)
        assert (answer.status, answer.json) == (200, {"status": "ready"})


def test_a_database_that_lacks_a_migration_is_503_until_it_has_it(nobody: Person, db: None) -> None:
    recorder = MigrationRecorder(connection)
    name = recorder.migration_qs.filter(app="tasks").latest("id").name
    recorder.record_unapplied("tasks", name)

    answer = nobody.get("/ready")
    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
    assert answer.json["detail"] == "The database lacks migrations."

    recorder.record_applied("tasks", name)
    assert nobody.get("/ready").status == 200


def test_a_database_that_is_away_is_503_also_after_it_was_ready(nobody: Person, db: None) -> None:
    assert nobody.get("/ready").status == 200
    with statements_raise(OperationalError("away")):
        answer = nobody.get("/ready")

    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"

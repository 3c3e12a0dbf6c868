"""What the database refuses for no fault of the caller's is tried once more, and is never a 500."""

import pytest
from psycopg import errors

from tasks.models import Task
from tests.support.faults import fails_once
from tests.support.people import Person
from tests.support.routes import TASK_ROUTES, Route

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = [route for route in TASK_ROUTES if route.method != "GET"]


@pytest.mark.parametrize("error", [errors.DeadlockDetected, errors.SerializationFailure])
@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_deadlock_is_tried_again_once(owner: Person, route: Route, error: type[errors.Error]) -> None:
    task = owner.has_task()

    with fails_once(error, "FOR UPDATE"):
        answer = owner.send(route.method, route.path("owner", task["id"]), route.body)

    assert answer.status == route.success
    assert Task.objects.count() == 1 + (answer.status == 201)
    assert Task.objects.get(pk=task["id"]).version <= 2


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_second_deadlock_is_503_and_nothing_is_written(owner: Person, route: Route) -> None:
    task = owner.has_task()

    with fails_once(errors.DeadlockDetected, "FOR UPDATE", times=2):
        answer = owner.send(route.method, route.path("owner", task["id"]), route.body)

    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert owner.get(owner.tasks).json == [task]

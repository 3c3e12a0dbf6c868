"""What belongs to a request leaves the memory with it, and not only when a garbage collection comes."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.request import Request

from tasks.views.base import OwnedViewSet
from tasks.views.tasks import LONGEST_KNOWN_QUERY, known_parameters
from tests.support.people import Person


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"title": "Buy oat milk"}), ("DELETE", None)])
def test_view_and_request_are_gone_when_the_request_is_answered(
    owner: Person, monkeypatch: pytest.MonkeyPatch, method: str, body: dict[str, Any] | None
) -> None:
    path = owner.path(owner.has_task("Buy milk"))
    alive: list[weakref.ref[Any]] = []
    initial = OwnedViewSet.initial

    def remember(view: OwnedViewSet, request: Request, *args: Any, **kwargs: Any) -> None:
        alive.extend([weakref.ref(view), weakref.ref(request)])
        initial(view, request, *args, **kwargs)

    monkeypatch.setattr(OwnedViewSet, "initial", remember)

    answer = owner.send(method, path, body)

    assert answer.status < 300
    assert [reference() for reference in alive] == [None, None]


def test_a_long_query_is_answered_and_not_kept_for_the_next_request(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    known_parameters.cache_clear()

    for ignored in ("a", "a" * LONGEST_KNOWN_QUERY):
        assert owner.get(f"{owner.tasks}?ignored={ignored}").json == [task]

    assert known_parameters.cache_info().currsize == 1
    assert known_parameters.cache_info().maxsize

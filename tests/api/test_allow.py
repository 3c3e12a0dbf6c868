"""`Allow` names the methods that a URL has, in every response; OPTIONS asks for nothing else and needs no token."""

import pytest

from tests.support.people import Person
from tests.support.routes import ROUTES, Route

PATHS = sorted({route.template for route in ROUTES})


def methods_of(path: str) -> set[str]:
    """The methods of a URL, as the table of routes has them."""
    methods = {route.method for route in ROUTES if route.template == path}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def allowed(value: str) -> set[str]:
    names = value.split(", ")
    assert len(names) == len(set(names))
    return set(names)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_options_names_the_methods_of_a_url_whoever_asks(owner: Person, nobody: Person, path: str, slash: str) -> None:
    url = path.format(user_id="owner", task_id=owner.has_task()["id"]).rstrip("/") + slash or "/"
    before = owner.get(owner.tasks).json

    options = owner.send("OPTIONS", url), nobody.send("OPTIONS", url)
    for answer in (*options, nobody.send("OPTIONS", url, origin="http://localhost:3000")):
        assert answer.status in {200, 204}
        assert answer.content == b""
        assert allowed(answer.headers["Allow"]) == methods_of(path)
    assert owner.get(owner.tasks).json == before


def test_options_of_no_url_is_404(nobody: Person) -> None:
    assert nobody.send("OPTIONS", "/nothing").error == (404, "NOT_FOUND")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_allow_is_the_same_in_a_success_a_refusal_and_a_405(owner: Person, nobody: Person, route: Route) -> None:
    path = route.path("owner", owner.has_task()["id"])

    refused = [owner.send("BREW", path), nobody.send(route.method, path, route.body)]
    done = owner.send(route.method, path, route.body)

    assert done.status == route.success
    for answer in (*refused, done):
        if "Allow" in answer.headers:
            assert allowed(answer.headers["Allow"]) == methods_of(route.template)
    assert "Allow" in refused[0].headers

"""Every route, for its owner and for others, by a role that owns nothing and under row-level security."""

from typing import Any

import pytest

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api
from tests.support.people import token_of
from tests.support.routes import ABSENT, ME_ROUTES, OWN_ROUTES, PUBLIC_ROUTES, ROUTES_OF_A_TASK, SERVER_ROUTES, Route
from tests.support.serving_role import Roles
from tests.support.tokens import by_secret, minted

MOVE, *OF_OAUTH_CLIENTS = SERVER_ROUTES


class Walk:
    """Goes through the routes as one of three users; what belongs to ben must stay as it is."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.headers = {name: bearer(token_of(name, secret=api.secret)) for name in ("ann", "ben", "guest")}

    def send(self, who: str, route: Route, user_id: str, task_id: object = ABSENT) -> Any:
        return self.api.send(route.method, route.path(user_id, task_id), route.body, **self.headers.get(who, {}))

    def new_task(self, who: str, title: str = "Buy milk") -> int:
        answer = self.api.send("POST", f"/api/{who}/tasks", {"title": title}, **self.headers[who])
        assert answer.status == 201, answer.body
        task_id: int = answer.json["id"]
        return task_id

    def task_for(self, route: Route) -> int:
        """Return the id of a task of ann's, which is in the trash if the route restores it."""
        task_id = self.new_task("ann")
        if route.template.endswith("/restore"):
            assert self.api.send("DELETE", f"/api/ann/tasks/{task_id}", **self.headers["ann"]).status == 204
        return task_id

    def of_ben(self) -> Any:
        return self.api.send("GET", "/api/ben/tasks", **self.headers["ben"]).json


@pytest.mark.parametrize("serving_url", ["direct", pytest.param("pooled", marks=pytest.mark.slow)], indirect=True)
def test_every_route_does_what_it_promises_and_shows_nothing_of_others(roles: Roles, serving_url: str) -> None:
    roles.allow("--row-security")

    with Api(serving_url, WEB_CONCURRENCY="2", DATABASE_ROW_SECURITY="true") as api:
        walk = Walk(api)
        id_of_ben = walk.new_task("ben", "Of Ben")
        before = walk.of_ben()
        for route in (*OWN_ROUTES, *ME_ROUTES):
            allowed = walk.send("ann", route, "ann", walk.task_for(route))
            assert (str(route), allowed.status) == (str(route), route.success), allowed.body
            assert b"Of Ben" not in allowed.body
            assert walk.send("nobody", route, "ann").status == 401
            if "{user_id}" in route.template:
                assert walk.send("ann", route, "ben", id_of_ben).status == 403
            if route in ROUTES_OF_A_TASK:
                assert walk.send("ann", route, "ann", id_of_ben).status == 404
            assert walk.of_ben() == before, route
        for route in (*PUBLIC_ROUTES, *OF_OAUTH_CLIENTS):
            assert api.send(route.method, route.template).status == route.success
        for title in ("Of the guest", "Of the guest, too"):
            walk.new_task("guest", title)
        order = by_secret(
            minted(**{"sub": "ann", "from": "guest"}),
            header={"alg": "HS256", "typ": "todo-move+jwt"},
            secret=api.secret,
        )
        moved = api.send("POST", MOVE.template, **bearer(order))
        assert (moved.status, moved.json) == (200, {"moved": 2})
        assert api.send("GET", "/api/guest/tasks", **walk.headers["guest"]).json == []
        titles = [task["title"] for task in api.send("GET", "/api/ann/tasks", **walk.headers["ann"]).json]
        assert titles[:2] == ["Of the guest, too", "Of the guest"]
        assert api.send("POST", MOVE.template, **walk.headers["ann"]).status == 401
        assert walk.of_ben() == before

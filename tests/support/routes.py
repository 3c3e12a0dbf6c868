"""Every route of the service in one table, and the bodies that a route refuses."""

from typing import Any, NamedTuple

import pytest

from tests.support.people import Answer, Person, token_of

ABSENT = 2**62  # The id of no task.
PARSE_ERROR = (400, "PARSE_ERROR")
LENGTH_REQUIRED = (411, "LENGTH_REQUIRED")
PAYLOAD_TOO_LARGE = (413, "PAYLOAD_TOO_LARGE")
UNSUPPORTED_MEDIA_TYPE = (415, "UNSUPPORTED_MEDIA_TYPE")
VALIDATION_ERROR = (422, "VALIDATION_ERROR")


class Route(NamedTuple):
    """A method on a URL; `success` is what its owner gets for `body`, where it takes one."""

    method: str
    template: str
    success: int
    body: Any = None
    query: str = ""

    def path(self, user_id: str, task_id: object = ABSENT) -> str:
        """The URL for a user and a task, with the query that the route wants."""
        return (self.template + self.query).format(user_id=user_id, task_id=task_id)

    def path_with_slash(self, user_id: str, task_id: object = ABSENT) -> str:
        """The same URL with a slash at the end of its path."""
        return f"{self.template}/{self.query}".format(user_id=user_id, task_id=task_id)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


TASK_ROUTES = [
    Route("GET", "/api/{user_id}/tasks", 200),
    Route("POST", "/api/{user_id}/tasks", 201, {"title": "Buy bread"}),
    Route("PATCH", "/api/{user_id}/tasks", 200, {"completed": True}, "?status=all"),
    Route("DELETE", "/api/{user_id}/tasks", 200, None, "?status=all"),
    Route("GET", "/api/{user_id}/tasks/changes", 200),
    Route("GET", "/api/{user_id}/tasks/{task_id}", 200),
    Route("PUT", "/api/{user_id}/tasks/{task_id}", 200, {"title": "Buy bread"}),
    Route("PATCH", "/api/{user_id}/tasks/{task_id}", 200, {"title": "Buy bread"}),
    Route("DELETE", "/api/{user_id}/tasks/{task_id}", 204),
    Route("PATCH", "/api/{user_id}/tasks/{task_id}/complete", 200),
    Route("POST", "/api/{user_id}/tasks/{task_id}/restore", 200),
]
EXPORT = Route("GET", "/api/{user_id}/export", 200)
ERASURE = Route("DELETE", "/api/{user_id}", 204, None, "?confirm={user_id}")
OWN_ROUTES = [*TASK_ROUTES, EXPORT, ERASURE]  # under the id of the caller
ME_ROUTES = [Route("GET", "/api/me", 200), Route("GET", "/api/auth/me", 200)]
PUBLIC_ROUTES = [Route("GET", path, 200) for path in ("/", "/health", "/docs", "/redoc", "/openapi.json")]
READY = Route("GET", "/ready", 200)  # Needs no token, but the database.

TOKEN_ROUTES = [*OWN_ROUTES, *ME_ROUTES]
ROUTES = [*TOKEN_ROUTES, *PUBLIC_ROUTES, READY]
# For Better Auth's server, OAuth clients and Prometheus:
# tests/api/test_moves.py, tests/tokens/test_access_tokens.py, tests/project/test_metrics.py.
SERVER_ROUTES = [
    Route("POST", "/api/moves", 200),
    Route("GET", "/.well-known/oauth-protected-resource", 404),
    Route("GET", "/.well-known/oauth-protected-resource/{path}", 404),
    Route("GET", "/metrics", 404),
]
ROUTES_OF_A_TASK = [route for route in TASK_ROUTES if "{task_id}" in route.template]
ROUTES_WITH_BODY = [route for route in TASK_ROUTES if route.body]
ROUTES_OF_TEXT = [route for route in ROUTES_WITH_BODY if "title" in route.body]
# POST and PUT have a serializer each; PATCH has that of PUT.
every_serializer = pytest.mark.parametrize("route", ROUTES_OF_TEXT[:2], ids=str)
every_write_of_text = pytest.mark.parametrize("route", ROUTES_OF_TEXT, ids=str)
every_route_of_a_task = pytest.mark.parametrize("route", ROUTES_OF_A_TASK, ids=str)

# What User.send takes, and the answer of a route that reads a body.
REFUSED_BODIES: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "none": ({}, PARSE_ERROR),
    "unreadable": ({"raw": b"{not json"}, PARSE_ERROR),
    "chunked": ({"body": {"title": "x"}, "transfer_encoding": "chunked"}, LENGTH_REQUIRED),
    "oversized": ({"raw": b'{"title": "' + b"x" * 64 * 1024 + b'"}'}, PAYLOAD_TOO_LARGE),
    "of another type": ({"body": {"title": "x"}, "content_type": "text/plain"}, UNSUPPORTED_MEDIA_TYPE),
    "not acceptable": ({"body": {"title": ""}}, VALIDATION_ERROR),
    "no object": ({"body": ["title"]}, VALIDATION_ERROR),
}

# Who is refused before anything else is looked at: their Authorization header and the error code.
WITHOUT_A_GOOD_TOKEN: dict[str, tuple[str | None, str]] = {
    "no token": (None, "NOT_AUTHENTICATED"),
    "forged token": (token_of("owner", secret="another-secret-that-is-as-long-as-ours"), "INVALID_TOKEN"),
    "no JWT": ("abc", "INVALID_TOKEN"),
    "expired token": (token_of("owner", exp=1_000_000_000), "TOKEN_EXPIRED"),
}


def without_a_good_token(kind: str) -> Person:
    """The user of that line of the table."""
    return Person("owner", WITHOUT_A_GOOD_TOKEN[kind][0])


def write(owner: Person, route: Route, body: Any = None, **sent: Any) -> Answer:
    """Send `body` to the route, on a task of the owner's where it is about one."""
    path = route.path("owner", owner.has_task()["id"] if route in ROUTES_OF_A_TASK else "")
    return owner.send(route.method, path, body, **sent)

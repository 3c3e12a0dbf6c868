"""Users who call the API: what a test writes as `owner.get(...)`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt
from django.test import Client
from django.test.client import ClientHandler

from tests.support.environment import SECRET

type Body = Any
type TaskJSON = dict[str, Any]

# Its middleware is loaded once: WhiteNoise looks at every static file. A test of settings that middleware reads at
# its start gives its user a Client of their own.
STAFF_HASH = "pbkdf2_sha256$1$salt$the-hash-of-the-staff-password"
HANDLER = ClientHandler(enforce_csrf_checks=False)


def token_of(user_id: str, *, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token as an app mints it for `user_id`, good for five minutes unless `claims` say otherwise."""
    now = datetime.now(UTC)
    return jwt.encode({"sub": user_id, "iat": now, "exp": now + timedelta(minutes=5), **claims}, secret, algorithm)


class Answer:
    """What came back: its status, headers and JSON."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.getvalue()  # of a stream too, which ends then

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.content)

    @property
    def error(self) -> tuple[int, str]:
        """Status and error code; the body must agree with the status."""
        assert self.headers["Content-Type"] == "application/json"
        assert self.json["status_code"] == self.status
        assert self.json["detail"]
        assert isinstance(self.json["detail"], str)
        return self.status, cast(str, self.json["error_code"])


class Person:
    """Somebody with a token, or with none."""

    def __init__(self, user_id: str, token: str | None = None) -> None:
        self.id = user_id
        self.token = token
        self.tasks = f"/api/{user_id}/tasks"
        self.client = Client(raise_request_exception=False)
        self.client.handler = HANDLER

    def send(self, method: str, path: str, body: Body = None, *, raw: bytes | None = None, **headers: Any) -> Answer:
        """Send `body` as JSON, or `raw` as it is; `if_match="…"` is the header If-Match."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        content_type = headers.pop("content-type", "application/json" if data else "")
        if self.token is not None and "authorization" not in headers:
            headers["authorization"] = f"Bearer {self.token}"
        return Answer(self.client.generic(method, path, data, content_type=content_type, headers=headers))

    def get(self, path: str, **headers: Any) -> Answer:
        """GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Body = None, **headers: Any) -> Answer:
        """POST."""
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Body = None, **headers: Any) -> Answer:
        """PUT."""
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Body = None, **headers: Any) -> Answer:
        """PATCH."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: Any) -> Answer:
        """DELETE."""
        return self.send("DELETE", path, **headers)

    def has_task(self, title: str = "Buy milk", **members: Any) -> dict[str, Any]:
        """Create a task, complete it where `completed=True`, and return it."""
        completed = members.pop("completed", False)
        answer = self.post(self.tasks, {"title": title, **members})
        assert answer.status == 201, answer.content
        if completed:
            answer = self.patch(f"{self.tasks}/{answer.json['id']}/complete")
        return cast(dict[str, Any], answer.json)

    def path(self, task: dict[str, Any]) -> str:
        """The URL of `task` on this user's own path."""
        return f"{self.tasks}/{task['id']}"


def signed_in(user_id: str) -> Person:
    """A user whose token has been seen before."""
    person = Person(user_id, token_of(user_id, email=f"{user_id}@example.com", name=user_id.title()))
    assert person.get("/api/me").status == 200
    return person


def again(person: Person) -> Person:
    """The same user in another thread: Django's test client is for one thread."""
    return Person(person.id, person.token)

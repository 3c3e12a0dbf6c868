"""A body is read before the request is looked at, if it is not too large; test_servers.py shows what that is for."""

from io import BytesIO
from typing import Any

import pytest

from tests.support.faults import raiser
from todo_project.server.request_body import with_body_read_first


class Stream(BytesIO):
    """The body that a server offers."""


@pytest.mark.parametrize(
    ("length", "is_read"),
    [("4", True), ("65536", True), ("65537", False), ("0", False), ("", False), (None, False), ("-4", False)],
)
def test_a_body_is_read_up_to_the_limit(length: str | None, is_read: bool) -> None:
    environ: dict[str, Any] = {"wsgi.input": Stream(b"milk and more")}
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    offered = environ["wsgi.input"]
    called: list[bool] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        called.append(offered.tell() > 0)
        return [environ["wsgi.input"].read(4)]

    assert with_body_read_first(application)(environ, lambda *_: None) == [b"milk"]
    assert called == [is_read]


class Broken(BytesIO):
    read = raiser(ConnectionResetError())


@pytest.mark.parametrize(
    ("stream", "error"),
    [(BytesIO(b"milk"), None), (BytesIO(b"mil"), 400), (BytesIO(), 400), (Broken(), 400)],
    ids=["whole", "part", "nothing", "reset"],
)
def test_a_body_that_breaks_off_is_noted(stream: BytesIO, error: int | None) -> None:
    environ: dict[str, Any] = {"wsgi.input": stream, "CONTENT_LENGTH": "4"}

    with_body_read_first(lambda *_: [])(environ, lambda *_: None)

    assert environ.get("todo.body_error") == error


def test_a_reason_that_the_server_has_noted_stays() -> None:
    environ: dict[str, Any] = {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "4", "todo.body_error": 408}

    with_body_read_first(lambda *_: [])(environ, lambda *_: None)

    assert environ["todo.body_error"] == 408

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


def test_a_body_that_breaks_off_is_empty() -> None:
    class Broken(BytesIO):
        read = raiser(ConnectionResetError())

    environ: dict[str, Any] = {"wsgi.input": Broken(), "CONTENT_LENGTH": "4"}

    assert with_body_read_first(lambda environ, _: [environ["wsgi.input"].read()])(environ, lambda *_: None) == [b""]

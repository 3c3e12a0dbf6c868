"""Each request has one line in the access log; test_servers.py shows what clients cannot write into it."""

import gc
import io
import logging
import os
import re
import weakref
from typing import Any

import pytest
from gunicorn.config import Config
from pytest_django.fixtures import Settings

from tests.support.faults import raiser
from todo_project.server.access_log import path_of, with_access_log
from todo_project.server.gunicorn_logger import GunicornLogger

ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/health", "QUERY_STRING": "q=secret"}


@pytest.fixture(autouse=True)
def text_lines(settings: Settings) -> None:
    settings.LOG_FORMAT = "text"


def line_of(capfd: pytest.CaptureFixture[str], body: Any = (), **environ: str) -> str:
    """Return the line of a request, without its time, its duration and its id."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = "as Django decodes it \n"
        start_response("200 OK", [("Content-Length", "20"), ("X-Request-ID", "the-id")])
        return body

    response: Any = with_access_log(application)(ENVIRON | environ, lambda *_: None)
    assert list(response) == list(body)
    assert capfd.readouterr().out == "", "it is written at the end"
    response.close()
    written = capfd.readouterr().out
    assert written.count("\n") == 1
    line = re.fullmatch(r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] (.*) \d\.\d{6}s the-id\n", written)
    assert line is not None
    return line[1]


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, '"GET /health" 200 20'),
        ({"REQUEST_METHOD": "HEAD"}, '"HEAD /health" 200 -'),
        ({"PATH_INFO": '/a\n[b] "c" 200\x85'}, '"GET /a%0A%5Bb%5D%20%22c%22%20200%85" 200 20'),
        ({"PATH_INFO": ""}, '"GET -" 200 20'),
        ({"RAW_URI": "/a%0Ab?q=secret"}, '"GET /a%0Ab" 200 20'),
        ({"PATH_INFO": "/" + "a" * 9000}, f'"GET /{"a" * 2995}" 200 20'),
    ],
)
def test_a_line_has_method_path_status_and_size(
    capfd: pytest.CaptureFixture[str], environ: dict[str, str], line: str
) -> None:
    assert line_of(capfd, **environ) == line


def test_the_response_is_closed_before_its_line(capfd: pytest.CaptureFixture[str]) -> None:
    body = io.BytesIO(b"milk")

    response: Any = with_access_log(lambda environ, start_response: body)(ENVIRON.copy(), lambda *_: None)
    response.close()

    assert body.closed
    assert '"GET /health" 500 - ' in capfd.readouterr().out


def test_a_request_that_fails_has_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="surprise"):
        with_access_log(raiser(ValueError("surprise")))(ENVIRON.copy(), lambda *_: None)

    assert '"GET /health" 500 - ' in capfd.readouterr().out


def test_a_log_that_cannot_be_written_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", raiser(BrokenPipeError()))

    response: Any = with_access_log(lambda environ, start_response: [b"milk"])(ENVIRON.copy(), lambda *_: None)
    assert list(response) == [b"milk"]
    response.close()


@pytest.mark.parametrize(("size", "is_collected"), [("999999", False), ("1000000", True)])
def test_a_large_response_does_not_wait_in_memory_for_a_collection(size: str, is_collected: bool) -> None:
    class Body(list[bytes]):
        """A body in a reference cycle, as Django's are."""

        def __init__(self) -> None:
            self.response = self

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", size)])
        return Body()

    gc.collect()
    gc.disable()
    try:
        response: Any = with_access_log(application)(ENVIRON.copy(), lambda *_: None)
        body = weakref.ref(response.body)
        response.close()
        assert (body() is None) == is_collected
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?q=secret", "/a"),
        ("/a#secret", "/a"),
        ('http://me:secret@localhost/a"?b', "/a%22"),
        ("http://me:secret@localhost", "-"),
        ("me:secret@localhost:443", "-"),
        ("*", "*"),
    ],
)
def test_the_path_of_a_request_target_has_no_query_and_no_password(target: str, path: str) -> None:
    assert path_of(target) == path


@pytest.mark.parametrize(
    ("level", "said", "logged"),
    [
        ("exception", ("Error handling request %s %s", "/a?q=secret", "/b#secret"), "Error handling request /a /b"),
        ("exception", ("Exception in worker %s", "1?"), "Exception in worker 1?"),
        ("warning", ("Invalid request from ip=::1: Bad Header: secret",), "Invalid request from ip=::1: Bad Header"),
        ("warning", ("Worker %s: slow: very", "1?"), "Worker 1?: slow: very"),
    ],
)
def test_gunicorns_messages_about_a_request_contain_only_its_path(
    level: str, said: tuple[str, ...], logged: str
) -> None:
    log = GunicornLogger(Config())  # type: ignore[no-untyped-call]  # gunicorn has no types.
    written = logging.StreamHandler(io.StringIO())
    log.error_log.addHandler(written)

    try:
        raise ValueError
    except ValueError:
        getattr(log, level)(*said)

    log.error_log.removeHandler(written)
    assert written.stream.getvalue().splitlines()[0] == logged

"""The adapter between granian and Django, without a server: test_servers.py has what a client can see of it."""

import asyncio
import gc
import io
import os
import signal
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.faults import raiser, written_log
from todo_project.server import granian_server, rsgi, worker
from todo_project.server.granian_server import Application, ThreadLoop
from todo_project.server.rsgi import CLOSE, Exchange, cancel_late_bodies, environ_of

LARGE = rsgi.LARGE_FILE + 1


class Headers:
    """granian.rsgi.Headers: lower-case names; a value that is not ASCII is missing in items()."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.pairs if value.isascii()]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self.pairs))

    def __len__(self) -> int:
        return len(dict(self.pairs))


class Scope:
    """granian.rsgi.Scope."""

    scheme = "http"
    server = "127.0.0.1:8000"

    def __init__(
        self, *headers: tuple[str, str], method: str = "GET", path: str = "/", client: str = "127.0.0.1:5"
    ) -> None:
        self.headers = Headers(*headers)
        self.method = method
        self.path = path
        self.query_string = "q=é"
        self.client = client


class Future:
    """granian's future: it calls back in the thread that finishes it."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[Any], None]] = []
        self.error: BaseException | None = None
        self.content = b""

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self.callbacks.append(callback)

    def result(self) -> bytes:
        if self.error:
            raise self.error
        return self.content

    def cancel(self) -> bool:
        self.finish(error=asyncio.CancelledError())
        return True

    def finish(self, content: bytes = b"", error: BaseException | None = None) -> None:
        self.content, self.error = content, error
        for callback in self.callbacks:
            callback(self)


class Proto:
    """granian.rsgi.HTTPProtocol. sent: the response."""

    def __init__(self) -> None:
        self.body: Future | None = None
        self.disconnect = Future()
        self.sent: tuple[int, list[tuple[str, str]], bytes | str] | None = None

    def __call__(self) -> Future:
        self.body = Future()
        return self.body

    def client_disconnect(self) -> Future:
        return self.disconnect

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.sent = status, headers, body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.sent = status, headers, file


@pytest.fixture
def errors() -> list[int | None]:
    """Of the bodies of `calls`, what the application was told: the status of one that is not whole."""
    return []


@pytest.fixture
def calls(errors: list[int | None], monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies with which an application was called that answers each with the same body."""
    bodies: list[bytes] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        bodies.append(environ["wsgi.input"].read())
        errors.append(environ.get("todo.body_error"))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Response([bodies[-1]])

    monkeypatch.setattr(Exchange, "application", staticmethod(application), raising=False)
    return bodies


class Response:
    """A WSGI response. closed: whether the server has closed it."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        self.closed = True


def begin(proto: Proto, *headers: tuple[str, str], **scope: Any) -> Exchange:
    exchange = Exchange(cast("Any", Scope(*headers, **scope)), cast("Any", proto))
    exchange.begin()
    return exchange


# The environ


def test_a_header_with_an_underscore_is_dropped() -> None:
    headers = [("x_forwarded_proto", "https"), ("x-forwarded-proto", "http"), ("x_forwarded-proto", "https")]

    environ = environ_of(cast("Any", Scope(*headers)))

    assert {key: value for key, value in environ.items() if "FORWARDED" in key} == {"HTTP_X_FORWARDED_PROTO": "http"}


def test_repeated_headers_are_joined() -> None:
    headers = [("accept", "a"), ("cookie", "a=1"), ("accept", "b"), ("cookie", "b=2")]

    environ = environ_of(cast("Any", Scope(*headers)))

    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["HTTP_COOKIE"] == "a=1;b=2"


def test_a_header_that_is_not_ascii_is_empty_and_not_missing() -> None:
    environ = environ_of(cast("Any", Scope(("if-match", "é"), ("x_y", "é"), ("accept", "a"))))

    assert environ["HTTP_IF_MATCH"] == ""
    assert environ["HTTP_ACCEPT"] == "a"
    assert "HTTP_X_Y" not in environ
    assert environ["todo.unreadable"] == {"if-match"}


def test_the_names_that_are_kept_are_few_and_short() -> None:
    rsgi.known_key.cache_clear()

    environ = environ_of(cast("Any", Scope(("accept", "a"), ("x" * 55_000, "b"))))

    assert environ["HTTP_" + "X" * 55_000] == "b"
    assert rsgi.known_key.cache_info().currsize == 1
    assert rsgi.known_key.cache_info().maxsize


def test_the_environ_is_that_of_pep_3333() -> None:
    headers = [("content-type", "text/plain"), ("content-length", "0")]

    environ = environ_of(cast("Any", Scope(*headers, path="/é", client="[::1]:5")))

    assert environ["PATH_INFO"].encode("latin-1").decode() == "/é"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "q=é"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert environ["REMOTE_ADDR"] == "::1"
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "0")


# Bodies


@pytest.mark.parametrize("headers", [[], [("content-length", "0")]])
def test_without_a_body_the_application_is_called_at_once(calls: list[bytes], headers: list[tuple[str, str]]) -> None:
    proto = Proto()

    begin(proto, *headers)

    assert calls == [b""]
    assert proto.body is None
    assert proto.sent == (200, [("Content-Type", "text/plain")], b"")


def test_no_thread_waits_for_a_body(calls: list[bytes]) -> None:
    proto = Proto()
    exchange = begin(proto, ("content-length", "4"))
    assert calls == []
    assert exchange in Exchange.waiting

    assert proto.body is not None
    proto.body.finish(b"milk")

    assert calls == [b"milk"]
    assert proto.sent == (200, [("Content-Type", "text/plain")], b"milk")
    assert exchange not in Exchange.waiting


@pytest.mark.parametrize("header", [("content-length", "1048577"), ("transfer-encoding", "chunked")])
def test_a_body_that_is_not_read_closes_the_connection_and_says_so(calls: list[bytes], header: tuple[str, str]) -> None:
    proto = Proto()

    begin(proto, header)

    assert proto.body is None
    assert calls == [b""]
    assert proto.sent == (200, [("Content-Type", "text/plain"), CLOSE], b"")


def test_the_application_is_told_that_a_body_broke_off(calls: list[bytes], errors: list[int | None]) -> None:
    proto = Proto()
    begin(proto, ("content-length", "4"))

    assert proto.body is not None
    proto.body.finish(error=RuntimeError("transport"))

    assert (calls, errors) == ([b""], [400])
    assert proto.sent is not None
    assert proto.sent[1][-1] == CLOSE


def test_the_application_is_told_that_a_body_takes_too_long(
    calls: list[bytes], errors: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = Proto(), Proto()
    monkeypatch.setattr(rsgi, "BODY_SECONDS", -1.0)
    begin(late, ("content-length", "4"))
    monkeypatch.setattr(rsgi, "BODY_SECONDS", 60.0)
    exchange = begin(early, ("content-length", "4"))

    cancel_late_bodies()

    assert (calls, errors) == ([b""], [408])
    assert late.sent is not None
    assert late.sent[1][-1] == CLOSE
    assert early.sent is None
    assert list(Exchange.waiting) == [exchange]
    Exchange.waiting.clear()


def test_an_answered_request_leaves_nothing_that_only_a_garbage_collection_finds(calls: list[bytes]) -> None:
    """A future of granian is a Rust object: a collection does not see what it holds, and a cycle stays for ever."""
    proto = Proto()
    begin(proto, ("content-length", "4"))
    assert proto.body is not None
    future = weakref.ref(proto.body)

    gc.disable()
    try:
        proto.body.finish(b"body")
        proto.body = None
        assert future() is None
    finally:
        gc.enable()


# Files


def send_file(monkeypatch: pytest.MonkeyPatch, file: Any) -> tuple[Proto, Response]:
    proto, responses = Proto(), list[Response]()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        responses.append(Response(environ["wsgi.file_wrapper"](file, 4096)))
        return responses[0]

    monkeypatch.setattr(Exchange, "application", staticmethod(application), raising=False)
    begin(proto)
    return proto, responses[0]


def test_a_large_file_is_sent_by_granian_and_closed_when_the_client_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(LARGE)

        proto, response = send_file(monkeypatch, file)

        assert proto.sent is not None
        status, headers, path = proto.sent
        assert (status, headers) == (200, [CLOSE])
        assert os.path.samestat(Path(str(path)).stat(), os.fstat(file.fileno()))
        assert not response.closed
        proto.disconnect.finish()
        assert response.closed


@pytest.mark.parametrize("make", [tempfile.TemporaryFile, io.BytesIO], ids=["small", "not of the system"])
def test_another_file_is_sent_from_memory(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]) -> None:
    with make() as file:
        file.write(b"milk")
        file.seek(0)

        proto, response = send_file(monkeypatch, file)

    assert proto.sent == (200, [], b"milk")
    assert response.closed


# The event loop


class Watcher:
    """What granian hands over with a request."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.proto = Proto()


async def never_awaited() -> None:
    raise AssertionError


@pytest.fixture
def loop() -> Iterator[ThreadLoop]:
    loop = ThreadLoop()
    yield loop
    loop.close()


def test_a_request_is_answered_in_the_thread_that_hands_it_over(loop: ThreadLoop, calls: list[bytes]) -> None:
    watcher = Watcher()

    loop.call_soon_threadsafe(lambda *_: None, never_awaited(), watcher, context=None)

    assert calls == [b""]
    assert watcher.proto.sent is not None


@pytest.mark.parametrize("method", ["call_soon", "call_soon_threadsafe"])
def test_a_body_is_handed_over_in_the_thread_that_has_read_it(
    loop: ThreadLoop, calls: list[bytes], method: str
) -> None:
    proto, future = Proto(), Future()
    exchange = begin(proto, ("content-length", "4"))
    future.content = b"milk"

    getattr(loop, method)(exchange, future, context=None)

    assert calls == [b"milk"]


@pytest.mark.parametrize("method", ["call_soon", "call_soon_threadsafe"])
def test_everything_else_is_called_by_the_event_loop(loop: ThreadLoop, method: str) -> None:
    called: list[str] = []

    getattr(loop, method)(called.append, "here")
    getattr(loop, method)(lambda first, second: loop.stop(), "first", "second")

    assert called == []
    loop.run_forever()
    assert called == ["here"]


def test_an_exception_outside_the_application_is_logged_and_does_not_reach_granian(
    loop: ThreadLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exchange, "application", staticmethod(raiser(ValueError("surprise"))), raising=False)
    with written_log() as log:
        loop.call_soon_threadsafe(lambda *_: None, never_awaited(), Watcher())

    assert "A request failed outside the application" in log.getvalue()
    assert "ValueError: surprise" in log.getvalue()


def test_late_bodies_are_looked_for_again_and_again(calls: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(granian_server, "SWEEP_SECONDS", 0)
    granian_server.sweep(loop)
    monkeypatch.setattr(rsgi, "BODY_SECONDS", -1.0)
    late = [Proto(), Proto()]
    for proto in late:
        begin(proto, ("content-length", "4"))

        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(asyncio.sleep(0))

    assert all(proto.sent is not None for proto in late)
    loop.close()


def test_a_request_that_granian_hands_over_in_another_way_fails(loop: ThreadLoop) -> None:
    with pytest.raises(RuntimeError, match="another way"):
        loop.run_until_complete(Application().__rsgi__(None, None))


# Workers


def test_a_worker_without_its_main_process_stops_after_its_requests_or_when_their_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(os, "kill", lambda *what: done.append(what))
    monkeypatch.setattr(time, "sleep", done.append)
    monkeypatch.setattr(os, "_exit", done.append)

    class Parent:
        def join(self) -> None:
            done.append("joined")

    granian_server.stop_after(cast("BaseProcess", Parent()))

    assert done == ["joined", (os.getpid(), signal.SIGTERM), granian_server.GRACE_SECONDS, 1]


def test_a_new_worker_ends_at_term_and_leaves_ctrl_c_to_the_main_process(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)

    granian_server.restore_signals()

    assert handlers == {signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.SIG_IGN}


@pytest.mark.django_db(transaction=True)  # The application asks the database as it is loaded, and closes connections.
def test_a_worker_is_prepared_by_the_server_also_without_a_main_process(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, Any] = {}
    frozen: list[bool] = []
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(granian_server, "exclude_loaded_code_from_garbage_collection", lambda: frozen.append(True))
    loop = granian_server.thread_loop()
    try:
        granian_server.load_application("todo_project.wsgi").__rsgi_init__(loop)
        assert asyncio.get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()

    assert handlers == {signal.SIGINT: signal.SIG_IGN}
    assert frozen == [True]


class Library:
    """A C library. options: what was set in it."""

    def __init__(self) -> None:
        self.options: dict[int, int] = {}
        self.mallopt = self.options.__setitem__


def test_memory_options_are_set_where_the_c_library_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    glibc, other = Library(), object()

    for library in (glibc, other):
        monkeypatch.setattr("ctypes.CDLL", lambda name, library=library: library)
        worker.return_memory_to_the_system()

    assert glibc.options == {worker.M_ARENA_MAX: 2, worker.M_MMAP_THRESHOLD: 131_072}


def test_loaded_code_is_left_out_of_garbage_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))

    worker.exclude_loaded_code_from_garbage_collection()

    assert done == ["collect", "freeze"]

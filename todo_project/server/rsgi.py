"""Calls the WSGI application for requests that granian delivers through RSGI, in granian's own threads.

granian's WSGI interface cannot keep the promises of docs/contract.md: it passes X_Forwarded_Proto as
X-Forwarded-Proto, and each slow body occupies a thread. RSGI passes headers as they are, and reads bodies without a
thread. docs/decisions/0024-server.md compares both, and explains `Exchange` and todo_project.server.granian_server.
"""

import io
import os
import sys
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Protocol
from wsgiref.util import FileWrapper

from todo_project.server.access_log import WSGIApplication
from todo_project.server.unread_body import MAX_DISCARDED

type Headers = list[tuple[str, str]]

LARGE_FILE = 1024 * 1024
BODY_SECONDS = 60.0  # Within these, a body must have arrived.

BASE_ENVIRON = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class RequestHeaders(Protocol):
    def items(self) -> Iterable[tuple[str, str]]: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...


class Scope(Protocol):
    """granian.rsgi.Scope, whose types are incomplete."""

    method: str
    path: str
    query_string: str
    scheme: str
    server: str
    client: str
    headers: RequestHeaders


class Future(Protocol):
    def result(self) -> bytes: ...
    def cancel(self) -> bool: ...
    def add_done_callback(self, callback: Callable[["Future"], None]) -> None: ...


class HTTPProtocol(Protocol):
    """granian.rsgi.HTTPProtocol. Any thread may call it; only awaiting its futures would need an event loop."""

    def __call__(self) -> Future: ...
    def client_disconnect(self) -> Future: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_file(self, status: int, headers: Headers, file: str) -> None: ...


class Callback:
    """Something that granian calls when a future is done, in the thread that has finished it."""

    def __call__(self, future: Future) -> None:
        raise NotImplementedError  # pragma: no cover  An interface.


class Exchange(Callback):
    """A request and its response. `begin` returns when the response is with granian, or waits for the body.

    application: what answers the requests of this process.
    largest_body: a larger body is not read, and the connection is closed. Django answers 413 to the Content-Length of a
        body over 64 KiB, but many clients read no response before they have sent all of it.
    waiting: the exchanges whose bodies have not arrived, oldest first, with the deadline and the future of each body.
    """

    application: WSGIApplication
    largest_body = MAX_DISCARDED
    waiting: dict["Exchange", tuple[float, Future]] = {}

    __slots__ = ("body", "environ", "is_unread", "proto")

    def __init__(self, scope: Scope, proto: HTTPProtocol) -> None:
        self.proto = proto
        self.environ = environ_of(scope)
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        self.is_unread = length > self.largest_body or "HTTP_TRANSFER_ENCODING" in self.environ
        self.body: Future | None = proto() if length and not self.is_unread else None

    def begin(self) -> None:
        if self.body is None:
            self.respond(b"")
        else:
            self.waiting[self] = time.monotonic() + BODY_SECONDS, self.body
            self.body.add_done_callback(self)

    def __call__(self, body: Future) -> None:
        """Respond, now that the body is here; or give up because it has broken off or takes too long."""
        self.waiting.pop(self, None)
        self.body = None  # The future knows this exchange, and garbage collection does not see into granian's objects.
        try:
            content = body.result()
        except CancelledError:
            self.refuse(408)
        except RuntimeError:  # RSGIProtocolError: the client has disconnected.
            self.refuse(400)
        else:
            self.respond(content)

    def respond(self, body: bytes) -> None:
        """Call the application."""
        status, headers, files = 500, list[tuple[str, str]](), list[Any]()
        environ = self.environ

        def start_response(line: str, new_headers: Headers, *error: Any) -> None:
            nonlocal status, headers
            status, headers = int(line[:3]), new_headers

        def file_wrapper(file: Any, size: int) -> FileWrapper:
            files.append(file)
            return FileWrapper(file, size)

        environ["wsgi.input"] = io.BytesIO(body)
        environ["wsgi.file_wrapper"] = file_wrapper
        response: Any = self.application(environ, start_response)
        if files and is_large(files[0]):
            self.send_file(status, headers, files[0], response.close)
            return
        try:
            content = b"".join(response)
        finally:
            response.close()
        if self.is_unread:
            headers = [*headers, CLOSE]
        self.proto.response_bytes(status, headers, content)

    def send_file(self, status: int, headers: Headers, file: Any, close: Callable[[], None]) -> None:
        """Let granian send an open file, however slowly the client reads, and close it at the end of the connection.

        The file of an export has no name: /dev/fd has one for each open file.
        """
        self.proto.client_disconnect().add_done_callback(Closing(close))
        self.proto.response_file(status, [*headers, CLOSE], f"/dev/fd/{file.fileno()}")

    def refuse(self, status: int) -> None:
        """Let the application respond with an error: todo_project.unreadable does not carry out the request."""
        self.environ["todo.body_error"] = status
        self.is_unread = True
        self.respond(b"")


CLOSE = ("Connection", "close")


class Closing(Callback):
    """Closes a response when the connection has ended."""

    def __init__(self, close: Callable[[], None]) -> None:
        self.close = close

    def __call__(self, future: Future) -> None:
        self.close()


def cancel_late_bodies() -> None:
    """Answer 408 to those whose body has not arrived in time."""
    for deadline, body in list(Exchange.waiting.values()):
        if deadline > time.monotonic():
            break
        body.cancel()


def is_large(file: Any) -> bool:
    """Return whether `file` is a file of the system that is too large to be kept in memory for a slow client."""
    try:
        return os.fstat(file.fileno()).st_size > LARGE_FILE
    except (AttributeError, OSError):
        return False


def environ_of(scope: Scope) -> dict[str, Any]:
    """Return the WSGI environ (PEP 3333) of a request, without its body."""
    environ: dict[str, Any] = BASE_ENVIRON.copy()
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = as_latin_1(scope.path)
    environ["QUERY_STRING"] = as_latin_1(scope.query_string)
    environ["wsgi.url_scheme"] = scope.scheme
    environ["SERVER_NAME"], _, environ["SERVER_PORT"] = scope.server.rpartition(":")
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    headers = scope.headers
    names = set()
    for name, value in headers.items():
        names.add(name)
        if key := known_key(name) if len(name) <= LONGEST_KNOWN_NAME else key_of(name):
            environ[key] = f"{environ[key]}{',' if name != 'cookie' else ';'}{value}" if key in environ else value
    if len(names) < len(headers):  # Values that are not ASCII are missing; "" is malformed, which None is not.
        missing = {name: key for name in headers if name not in names and (key := key_of(name))}
        environ |= dict.fromkeys(missing.values(), "")
        environ["todo.unreadable"] = frozenset(missing)
    return environ


def as_latin_1(text: str) -> str:
    """Return UTF-8 text as PEP 3333 has it: one character for each byte."""
    return text if text.isascii() else text.encode().decode("latin-1")


def key_of(name: str) -> str | None:
    """Return the key of a header in the environ; None for a name with an underscore, which would pass for another."""
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


# Clients send the same few names. An attacker's must not fill the memory, neither by their number nor by their length.
LONGEST_KNOWN_NAME = 64
known_key = lru_cache(maxsize=512)(key_of)

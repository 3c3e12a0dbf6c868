"""The access log: one line for each request that reaches the application, whichever server calls it."""

import gc
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from json.encoder import encode_basestring_ascii as encoded
from typing import Any
from urllib.parse import quote

from django.conf import settings

from accounts.statement_count import count
from todo_project import metrics

type StartResponse = Callable[..., Any]
type WSGIApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

STANDARD_OUTPUT = 1
# What precedes the path in a request target of absolute form (RFC 9112, section 3.2.2): scheme and authority.
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
QUERY_OR_FRAGMENT = re.compile(r"[?#].*", re.DOTALL)
# Every character of a path (RFC 3986, section 3.3) that is not percent-encoded.
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")  # Of a route, in Django's spelling.
PATH_CHARACTERS = "/:@!$&'()*+,;="

DIGITS_OF_SMALL_SIZES = len("999999")
LONGEST_REQUEST = 3000  # A pipe keeps only lines of up to 4096 bytes whole (PIPE_BUF of Linux).


def with_access_log(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, which writes a line when a response is closed."""

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = LoggedRequest(environ)

        def note(new_status: str, new_headers: list[tuple[str, str]], *error: Any) -> Any:
            request.status, request.headers = new_status[:3], dict(new_headers)
            return start_response(new_status, new_headers, *error)

        def log() -> None:
            request.finish()
            if request.is_large:
                # A response is in a reference cycle with its request. Lists of 10,000 tasks are 4 MB each: dozens of
                # them waited for a collection, which takes a few milliseconds of the 80 that such a list takes.
                gc.collect()

        try:
            body = application(environ, note)
        except BaseException:
            log()
            raise
        request.statements = count.number  # The response may be closed in another thread.
        return LoggedResponse(body, log)

    return call


class LoggedRequest:
    """What the log and the metrics say about one request. It contains no query, no token and no task text."""

    __slots__ = ("began", "environ", "headers", "method", "path_info", "statements", "status", "target")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.began = time.perf_counter()
        count.number = 0
        self.environ = environ
        self.status, self.headers = "500", dict[str, str]()
        self.statements = 0
        # Django replaces PATH_INFO in the environ by its own, decoded one.
        self.method: str = environ["REQUEST_METHOD"]
        self.path_info: str = environ["PATH_INFO"]
        self.target: str | None = environ.get("RAW_URI")

    @property
    def size(self) -> str:
        return "-" if self.method == "HEAD" else self.headers.get("Content-Length", "-")

    @property
    def is_large(self) -> bool:
        return len(self.size) > DIGITS_OF_SMALL_SIZES

    def finish(self) -> None:
        """Write the line, and count the request."""
        seconds = time.perf_counter() - self.began
        route = template_of(self.environ.get("todo.route"))
        metrics.count_request(self.method, route, self.status, seconds)
        if settings.LOG_FORMAT == "json":
            write(self.as_json(route, seconds))
        else:
            path = quoted(self.path_info) if self.target is None else path_of(self.target)
            request_id = self.headers.get("X-Request-ID", "-")
            write_line(f"{self.method} {path}", self.status, self.size, seconds, request_id)

    def as_json(self, route: str | None, seconds: float) -> str:
        """Return the line for a log collector. What a client has chosen is encoded, all else needs no encoding.

        Instead of the path, which names the user, it has the route.
        """
        user: str | None = self.environ.get("todo.user")
        sent: str = self.environ.get("HTTP_X_REQUEST_ID", "")
        request_id = self.headers.get("X-Request-ID", "-")
        return (
            f'{{"time":"{utc_now()}","request_id":{encoded(request_id)},'
            f'"request_id_in":{encoded(request_id) if sent == request_id else "null"},'
            f'"method":{encoded(self.method[:32])},"route":{encoded(route) if route else "null"},'
            f'"status":{self.status},"ms":{seconds * 1000:.2f},"statements":{self.statements},'
            f'"user":{f'"{hash_of(user)}"' if user else "null"}}}\n'
        )


class LoggedResponse:
    """The body of a response that calls `log` when the server has sent it, or has given up."""

    def __init__(self, body: Iterable[bytes], log: Callable[[], None]) -> None:
        self.body = body
        self.log = log

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            self.body = ()
            self.log()


def write_line(request: str, status: str, size: str, seconds: float, request_id: str = "-") -> None:
    """Write the readable line: when, what, status, bytes, seconds, id."""
    write(f'[{now()}] "{request[:LONGEST_REQUEST]}" {status} {size} {seconds:.6f}s {request_id}\n')


def write(line: str) -> None:
    """Write one line in one call, so that lines of other threads and processes do not mix with it."""
    with suppress(OSError):  # If nobody reads the log any more, that must not fail the request.
        os.write(STANDARD_OUTPUT, line.encode())


@lru_cache(maxsize=512)
def template_of(route: str | None) -> str | None:
    """Return the template of Django's route, `/api/{user_id}/tasks`; None if there is no such URL."""
    return None if route is None else "/" + PARAMETER.sub(r"{\1}", route)


@lru_cache(maxsize=10_000)
def hash_of(user_id: str) -> str:
    """Return a pseudonym of a user: the same in all lines, and nobody without SECRET_KEY can find out whose it is."""
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(user_id.encode("utf-8", "replace"), digest_size=8, key=key).hexdigest()


def utc_now() -> str:
    """Return the time in UTC, in milliseconds (RFC 3339)."""
    moment = time.time()
    return f"{utc_second(int(moment))}.{int(moment * 1000) % 1000:03}Z"


@lru_cache(maxsize=1)
def utc_second(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))


def now() -> str:
    return second(int(time.time()))


@lru_cache(maxsize=1)  # Formatting takes half as long as all the rest, and a second has many requests.
def second(moment: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(moment))


def quoted(path_info: str) -> str:
    """Return PATH_INFO (PEP 3333) percent-encoded: a decoded `%0A` or `"` would forge a line or a field of it."""
    return quote(path_info, PATH_CHARACTERS, encoding="latin-1") or "-"


def path_of(target: str) -> str:
    """Return the path of a request target as it was sent; `-` for the authority form, which can have a password."""
    path = QUERY_OR_FRAGMENT.sub("", ORIGIN.sub("", target, count=1)).replace('"', "%22")
    return path if path.startswith(("/", "*")) else "-"

"""Request bodies that no view has read, and what happens to their connection.

What stays on a connection is in front of the next request. gunicorn discards less than 64 KiB, and then closes a
connection that it has announced as kept alive.
"""

from collections.abc import Callable, Iterable
from typing import Any

type WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MAX_DISCARDED = 1024 * 1024
CHUNK = 64 * 1024


def discarding_unread_bodies(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, which reads what is left of a body before the response begins.

    Before it, because some clients stop sending once they are answered, and others read only once they have sent all.
    """

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not 0 < length_of(environ) <= MAX_DISCARDED:
            return application(environ, start_response)

        def start(*args: Any) -> Any:
            discard(environ["wsgi.input"])
            return start_response(*args)

        return application(environ, start)

    return call


def length_of(environ: dict[str, Any]) -> int:
    """Return Content-Length; 0 if there is none, or none that is a number."""
    length: str = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def discard(body: Any) -> None:
    """Read to the end of the body. Servers must end it at its length (PEP 3333)."""
    try:
        while body.read(CHUNK):
            pass
    except OSError:  # The client has gone; the server notices by itself.
        pass


def must_close(headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether the connection of a request with these headers must be closed after its response.

    Its body is too long to be discarded, or nobody knows how long it is.
    """
    lengths = [value for name, value in headers if name.upper() == "CONTENT-LENGTH"]
    is_chunked = any(name.upper() == "TRANSFER-ENCODING" for name, _ in headers)
    return is_chunked or any(length_of({"CONTENT_LENGTH": length}) > MAX_DISCARDED for length in lengths)

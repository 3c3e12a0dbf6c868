"""Request bodies that nobody has read, and what happens to their connection.

What stays on a connection is in front of the next request. gunicorn discards less than 64 KiB, and then closes a
connection that it has announced as kept alive. granian says itself that it closes a connection with an unread body.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from todo_project.server.access_log import StartResponse, WSGIApplication

MAX_DISCARDED = 1024 * 1024
CHUNK = 64 * 1024


def with_unread_body_discarded(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, which reads what is left of a body before the response begins.

    Before it, because some clients stop sending once they are answered, and others read only once they have sent all.
    """

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not 0 < length_of(environ.get("CONTENT_LENGTH")) <= MAX_DISCARDED:
            return application(environ, start_response)

        def start(*args: Any) -> Any:
            with suppress(OSError):  # The client has gone, and the server notices by itself.
                while environ["wsgi.input"].read(CHUNK):  # Servers end a body at its length (PEP 3333).
                    pass
            return start_response(*args)

        return application(environ, start)

    return call


def length_of(header: str | None) -> int:
    """Return the number in a Content-Length; 0 if there is none."""
    return int(header) if header and header.isdecimal() and len(header) < 19 else 0


def must_close(headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether the connection of a request with these headers must be closed after its response.

    Its body is too long to be discarded, or nobody knows how long it is.
    """
    values = {name.upper(): value for name, value in headers}
    return "TRANSFER-ENCODING" in values or length_of(values.get("CONTENT-LENGTH")) > MAX_DISCARDED

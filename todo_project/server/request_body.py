"""Reads the body of a request before anything else, because a client may take long to send it."""

from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.conf import settings

from todo_project.server.access_log import StartResponse, WSGIApplication


def with_body_read_first(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, called when the body is there.

    Otherwise a slow body is waited for after the caller was looked up, with a connection of the database's small pool:
    ten slow clients took all of them, and every other request was answered 503. A body over the limit is not read.

    A body that breaks off is noted for todo_project.unreadable: what is there of it can be valid JSON.
    """

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and 0 < int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            body = b""
            with suppress(OSError):  # The client has gone.
                body = environ["wsgi.input"].read(int(length))
            if len(body) < int(length):
                environ.setdefault("todo.body_error", 400)  # Unless the server knows why.
            environ["wsgi.input"] = BytesIO(body)
        return application(environ, start_response)

    return call

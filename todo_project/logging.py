"""Log lines that name their request, contain no task text and no token, and cannot be forged."""

import json
import logging
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import override

import psycopg
from django.db import DataError

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIDFilter(logging.Filter):
    """Gives each record the id of its request, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


def discreet(text: str, record: logging.LogRecord) -> str:
    """Return `text` with only the first line of each error message, and with no message of a DataError.

    PostgreSQL quotes the failing row on the lines after the first: "DETAIL:  Failing row contains (7, Buy milk, …)".
    That a value cannot be read it says on the first line, with the value: 'malformed array literal: "Buy milk"'.
    """
    for error in errors_of(record):
        message = str(error)
        first_line = message.partition("\n")[0]
        if isinstance(error, DataError | psycopg.DataError) and first_line:
            state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
            text = text.replace(message, f"SQLSTATE {state}").replace(first_line, f"SQLSTATE {state}")
        else:
            text = text.replace(message, first_line)
    return text


def errors_of(record: logging.LogRecord) -> Iterator[BaseException]:
    """Yield the error of a record, and those that it was raised from."""
    error = record.exc_info[1] if record.exc_info else None
    while error:
        yield error
        error = error.__cause__ or error.__context__


class DiscreetFormatter(logging.Formatter):
    """A message, then its traceback, without what the database quotes."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        return discreet(super().formatMessage(record), record)

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record), record)


# Terminals obey these characters, and some readers of logs begin a line at each of those that Unicode counts as an end
# of one. A message can quote what a client has sent.
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
ESCAPES = {control: chr(control).encode("unicode_escape").decode() for control in CONTROLS}
ESCAPES_IN_TRACEBACKS = {control: escape for control, escape in ESCAPES.items() if control != ord("\n")}


class TextFormatter(DiscreetFormatter):
    """One line per record, then its traceback, for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s")

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).translate(ESCAPES)

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).translate(ESCAPES_IN_TRACEBACKS)


class JSONFormatter(DiscreetFormatter):
    """One JSON object per record, with its traceback as a string, for a log collector."""

    def __init__(self) -> None:
        super().__init__("%(message)s")

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

"""Log lines that name their request and hold no task text."""

import logging
import re

from todo_project.request_id import current_request_id

# PostgreSQL adds the failing row to an error ("DETAIL:  Failing row contains (7, Buy milk, …)").
# The text may have line breaks of its own, so all is left out up to where a traceback goes on.
ROW_TEXT = re.compile(
    r"^(DETAIL|CONTEXT|HINT|LINE \d+): .*(\n(?!Traceback|The above|During|  File|\S+Error).*)*", re.MULTILINE
)


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request it was logged in, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.request_id = current_request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """One line a record, its traceback below it, without the rows that database errors quote."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The text of `record`."""
        return ROW_TEXT.sub(r"\1: (left out)", super().format(record))

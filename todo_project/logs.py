"""Log lines that name their request and hold no task text."""

import logging

from todo_project.request_id import current_request_id


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request it was logged in, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.request_id = current_request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """One line a record, its traceback below it, with the first line alone of what each error says.

    PostgreSQL puts the failing row, whose text can have lines of any look, on those after the first:
    "DETAIL:  Failing row contains (7, Buy milk, …)".
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The text of `record`."""
        text = super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        while error:
            text = text.replace(str(error), str(error).partition("\n")[0])
            error = error.__cause__ or error.__context__
        return text

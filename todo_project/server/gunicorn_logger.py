"""gunicorn's messages about requests, without what the requests said."""

from typing import Any

from gunicorn.glogging import Logger

from todo_project.server.access_log import path_of


class GunicornLogger(Logger):
    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Log what kind of error an unreadable request had, without the line, header or chunk that gunicorn quotes."""
        if str(msg).startswith("Invalid request from ip="):
            msg = ": ".join(str(msg).split(": ")[:2])
        self.error_log.warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Log only the path of a request target."""
        if str(msg).startswith("Error handling request"):
            args = tuple(path_of(str(arg)) for arg in args)
        self.error_log.exception(msg, *args, **kwargs)

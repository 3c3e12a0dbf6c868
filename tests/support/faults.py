"""What can go wrong behind a view: a database that is away, and a fault of our own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, NoReturn, cast

import psycopg
from django.db import OperationalError, connection

from todo_project.logging import TextFormatter


@contextmanager
def statements_raise(error: Exception) -> Iterator[None]:
    """Every SQL statement inside the block raises `error`."""

    def fail(*args: Any) -> NoReturn:
        raise error

    with connection.execute_wrapper(fail):
        yield


@contextmanager
def fails_once(error: type[psycopg.Error], part: str, *, times: int = 1) -> Iterator[None]:
    """The first statement of the block that has `part` in it fails as PostgreSQL would refuse it, or the first ones."""
    left = [error("refused")] * times

    def run(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if part in sql and left:
            raise OperationalError("refused") from left.pop()
        return execute(sql, *args)

    with connection.execute_wrapper(run):
        yield
    assert not left, "No statement failed."


def raiser(error: Exception) -> Callable[..., NoReturn]:
    """A function that takes anything and raises `error`."""

    def fail(*args: Any, **kwargs: Any) -> NoReturn:
        raise error

    return fail


@contextmanager
def written_log() -> Iterator[StringIO]:
    """What the service writes to its log inside the block with LOG_FORMAT=text."""
    handler = cast("logging.StreamHandler[StringIO]", logging.getHandlerByName("console"))
    text, formatter = StringIO(), handler.formatter
    before = handler.setStream(text)
    handler.setFormatter(TextFormatter())
    try:
        yield text
    finally:
        handler.setStream(cast(StringIO, before))
        handler.setFormatter(formatter)

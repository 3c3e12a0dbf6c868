"""Runs a transaction again if it failed by accident."""

from collections.abc import Callable

from django.db import IntegrityError, OperationalError, connection

DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION = "40P01", "40001", "23505"


def retry_once[T](work: Callable[[], T]) -> T:
    """Run `work`, one transaction, and run it again after a deadlock, a serialization failure or a unique violation.

    A deadlock needs a writer that locks rows in another order (psql). A unique violation is the second of two creates
    with the same key at the same time: the second run finds the response of the first.
    """
    try:
        return work()
    except (OperationalError, IntegrityError) as error:
        if connection.in_atomic_block or not is_retryable(error):
            raise  # Only the code that began an outer transaction can run all of it again.
        return work()


def is_retryable(error: Exception) -> bool:
    """Return whether the same statement can succeed if it is run again."""
    return getattr(error.__cause__, "sqlstate", None) in {DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION}

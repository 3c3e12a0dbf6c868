"""The last good public keys, in a table of ours: every process has them from its first request on."""

import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

READ_INTERVAL_SECONDS = 0.25

READ = "SELECT document, extract(epoch FROM clock_timestamp() - fetched_at) FROM accounts_key_sets WHERE source = %s"
# The database's clock, because servers' clocks differ. A process that was slow does not overwrite newer keys.
WRITE = """
INSERT INTO accounts_key_sets AS stored (source, document, fetched_at)
VALUES (%s, %s, clock_timestamp() - make_interval(secs => %s))
ON CONFLICT (source) DO UPDATE SET document = excluded.document, fetched_at = excluded.fetched_at
WHERE stored.fetched_at < excluded.fetched_at
"""


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The keys of a source, and how long ago they were fetched."""

    jwks: list[dict[str, Any]]
    age_seconds: float


class KeyStore:
    """The stored keys of one source. A database that is unavailable stops nothing.

    The thread that fetches keys offers them, and the next request saves them: it has a database connection.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.read_at = float("-inf")
        self.stored: list[dict[str, Any]] | None = None
        self.offered: tuple[list[dict[str, Any]], float] | None = None

    def read(self) -> StoredKeys | None:
        """Return the stored keys; None if there are none, or if they were read a moment ago."""
        if time.monotonic() - self.read_at < READ_INTERVAL_SECONDS:
            return None
        self.read_at = time.monotonic()
        try:
            with connection.cursor() as cursor:
                cursor.execute(READ, [self.source])
                row = cursor.fetchone()
        except DatabaseError as error:
            logger.warning("The stored public keys could not be read: %s", error)
            return None
        if row is None:
            return None
        self.stored = json.loads(row[0])
        return StoredKeys(self.stored or [], float(row[1]))

    def offer(self, jwks: list[dict[str, Any]]) -> None:
        """Note keys that were fetched now."""
        self.offered = (jwks, time.monotonic())

    def save(self) -> None:
        """Store the keys that were offered, if they are others than the stored ones."""
        offered, self.offered = self.offered, None
        if offered is None or offered[0] == self.stored:
            return
        jwks, fetched_at = offered
        try:
            with connection.cursor() as cursor:
                cursor.execute(WRITE, [self.source, json.dumps(jwks), time.monotonic() - fetched_at])
        except DatabaseError as error:
            logger.warning("The public keys could not be stored: %s", error)
        else:
            self.stored = jwks

"""Reads the URL of a database, and lets libpq judge it without a network: a mistake is found before anything starts."""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, ConnStatus, PGconn

PARAMETERS = frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
WRITE_IT_AS = "Write it as postgresql://user:password@host:5432/name"


class InvalidURLError(Exception):
    """A database URL that cannot be used. Its two texts never contain the URL, because it contains the password."""

    def __init__(self, wrong: str, remedy: str) -> None:
        self.wrong = wrong
        self.remedy = remedy


def parse(url: str) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL at `url`; raises InvalidURLError."""
    if url.startswith(("'", '"', "psql ")):
        raise InvalidURLError("is in quotes, or is a command", f"{WRITE_IT_AS}, without quotes around it.")
    try:
        parts = urlsplit(url)
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError):  # dj_database_url's own errors contain the URL.
        raise not_a_url() from None
    is_postgresql = parsed["ENGINE"].endswith("postgresql") and parsed["NAME"]
    # An unencoded password moves the host into the path or the fragment.
    if not is_postgresql or parts.fragment or set("/@") & set(parts.path[1:]):
        raise not_a_url()
    options = parsed.setdefault("OPTIONS", {})
    if unknown := sorted(options.keys() - PARAMETERS):
        raise InvalidURLError(
            f"has parameters of another program, which PostgreSQL's libpq does not know: {', '.join(unknown)}",
            f"Remove {'it' if len(unknown) == 1 else 'them'} from the URL.",
        )
    if objection := libpqs_objection(parsed):
        raise InvalidURLError(
            f"is refused by PostgreSQL's libpq: {objection}",
            "Correct the URL's parameters, or the libpq variables (PG…) of the environment.",
        )
    return parsed


def not_a_url() -> InvalidURLError:
    return InvalidURLError(
        "is not a PostgreSQL URL",
        f"{WRITE_IT_AS}, with special characters of the password percent-encoded (# is %23, / is %2F, ? is %3F).",
    )


def libpqs_objection(parsed: dict[str, Any]) -> str:
    """Return what libpq has against the parameters, or an empty string.

    It validates them before it connects; the folder for the socket does not exist, so it connects to nothing.
    """
    conninfo = make_conninfo(
        **{"dbname": parsed["NAME"], "user": parsed["USER"], **parsed["OPTIONS"], "host": "/nonexistent"}
    )
    connection = PGconn.connect_start(conninfo.encode())
    try:
        said = connection.get_error_message() if connection.status == ConnStatus.BAD else ""
        return "" if said.startswith("connection to server") else said.partition("\n")[0]
    finally:
        connection.finish()

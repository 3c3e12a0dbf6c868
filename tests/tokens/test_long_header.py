"""What `explain_token` says about long headers is true of the real servers."""

import pytest

from accounts.tokens.diagnose import explain
from tests.support.api_server import Api
from tests.support.databases import fresh_database, server_url

LONGEST_OF_PROXIES = 8166  # characters of a token behind `Authorization: Bearer `


@pytest.mark.parametrize(
    ("server", "statuses"),
    [
        ("granian", {LONGEST_OF_PROXIES: 401, LONGEST_OF_PROXIES + 1: 401, 60_000: 401, 131_072: 431}),
        ("gunicorn", {LONGEST_OF_PROXIES: 401, LONGEST_OF_PROXIES + 1: 401, 32_000: 401, 33_000: 431}),
    ],
)
def test_the_server_reads_headers_of_these_lengths(server: str, statuses: dict[int, int]) -> None:
    with fresh_database(server_url()) as database, Api(database, server) as api:
        assert {length: api.status("x" * length) for length in statuses} == statuses


@pytest.mark.parametrize(("length", "status"), [(LONGEST_OF_PROXIES, 401), (60_000, 401), (131_072, 431)])
def test_the_command_answers_like_granian(length: int, status: int) -> None:
    assert explain("x" * length).status == status

"""What `explain_token` says about the longest header is true of the real server."""

import pytest

from accounts.tokens.diagnose import explain
from tests.support.api_server import Api
from tests.support.databases import fresh_database, server_url

LONGEST = 8166  # characters of a token behind `Authorization: Bearer `


@pytest.mark.parametrize(("length", "status"), [(LONGEST, 401), (LONGEST + 1, 431)])
def test_the_server_reads_a_header_of_that_length_and_no_longer(length: int, status: int) -> None:
    with fresh_database(server_url()) as database, Api(database) as api:
        assert api.status("x" * length) == status
    assert explain("x" * length).status == status

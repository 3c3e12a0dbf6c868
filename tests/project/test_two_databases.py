"""Users can be split over two databases (docs/scaling.md): each request touches one, and ids differ between them.

The router of this test sits before the APIs, one for each database, and takes the user's id from the path.
"""

import zlib
from contextlib import ExitStack

import psycopg

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

SHARDS = 2
PEOPLE = [f"user-{number}" for number in range(6)]
LARGEST_INTEGER_OF_JAVASCRIPT = 2**53 - 1


def shard_of(user_id: str) -> int:
    return zlib.crc32(user_id.encode()) % SHARDS


def test_each_user_lives_in_one_database_and_ids_are_unique_over_both() -> None:
    with ExitStack() as stack:
        databases = [stack.enter_context(fresh_database(server_url())) for _ in range(SHARDS)]
        for number, database in enumerate(databases, 1):
            assert manage(database, "migrate", "--verbosity=0").returncode == 0
            with psycopg.connect(database) as shard:
                numbers = f"ALTER TABLE tasks ALTER COLUMN id SET INCREMENT BY 64 RESTART WITH {number}"
                shard.execute(numbers.encode())
        apis = [stack.enter_context(Api(database)) for database in databases]
        for person in PEOPLE:
            api = apis[shard_of(person)]
            headers = bearer(token_of(person, secret=api.secret))
            api.lives_through(person, **headers)
            assert len(api.send("GET", f"/api/{person}/export", **headers).json["history"]) == 4

        ids: list[int] = []
        for number, database in enumerate(databases):
            with psycopg.connect(database) as shard:
                users = {user for (user,) in shard.execute('SELECT id FROM "user"')}
                assert users == {person for person in PEOPLE if shard_of(person) == number}
                ids += [task for (task,) in shard.execute("SELECT id FROM tasks")]

    assert len(set(ids)) == len(ids) == len(PEOPLE)
    assert {shard_of(person) for person in PEOPLE} == {0, 1}
    assert max(ids) < LARGEST_INTEGER_OF_JAVASCRIPT

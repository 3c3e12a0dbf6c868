"""The API works through PgBouncer in transaction mode, as Neon's pooled host does, and migrates past it."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of
from tests.support.pgbouncer import needs_pgbouncer, pooler_of

pytestmark = needs_pgbouncer


def test_tasks_live_through_a_pooler_and_migrations_go_past_it(django_db_setup: None) -> None:
    with fresh_database(server_url()) as direct, pooler_of(direct, "user=postgres") as pooler:
        pooled = f"postgresql://postgres@127.0.0.1:{pooler.port}/{conninfo_to_dict(direct)['dbname']}"
        migrated = manage(pooled, "migrate", "--verbosity=0", DATABASE_URL_UNPOOLED=direct)
        assert migrated.returncode == 0, migrated.stderr

        with Api(pooled, WEB_CONCURRENCY="2") as api:
            for person in ("ada", "bob", "eve"):
                token = token_of(person, secret=api.secret)
                for _ in range(5):
                    api.lives_through(person, **bearer(token))
                exported = api.send("GET", f"/api/{person}/export", **bearer(token))
                assert len(exported.json["history"]) == 5 * 4  # created, renamed, toggled, deleted
            token = token_of("eve", secret=api.secret)
            assert api.send("DELETE", "/api/eve?confirm=eve", **bearer(token)).status == 204
            assert api.send("GET", "/api/eve/export", **bearer(token)).json["history"] == []
        with psycopg.connect(direct) as database:  # Who writes is said in each transaction, and leaks into no other.
            said = "SELECT count(*), count(*) FILTER (WHERE (actor, source) = (user_id, 'api')) FROM task_changes"
            total, right = database.execute(said).fetchone() or (0, 0)
            assert total == right == 2 * 5 * 4

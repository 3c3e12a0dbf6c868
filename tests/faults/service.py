"""The API as a user has it, with two workers, before a PostgreSQL of its own that things happen to."""

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from tests.support.api_server import Api, manage
from tests.support.cluster import Cluster
from tests.support.ledger import Client, Load
from tests.support.people import Person
from tests.support.pgbouncer import PgBouncer
from tests.support.proxy import Proxy
from tests.support.workers import workers_of

WORKERS = 2
PEOPLE = 4
OUTAGE_SECONDS = 1.0
PATIENCE_SECONDS = 10  # of users, after the database is back. It takes less than 2 s on a machine that is not busy.
ROWS = (
    "SELECT id, user_id, title, completed, version, deleted_at IS NOT NULL FROM tasks WHERE starts_with(user_id, '{}')"
)
CHANGES = "SELECT task_id, count(*) FROM task_changes WHERE starts_with(user_id, '{}') GROUP BY task_id"
COUNTS = "SELECT sum(live_count), sum(trash_count) FROM task_lists WHERE starts_with(user_id, '{}')"

type Fault = Callable[["Service", Load], None]


@dataclass
class Service:
    """API → PgBouncer, if there is one → a proxy → PostgreSQL."""

    api: Api
    cluster: Cluster
    proxy: Proxy
    pgbouncer: PgBouncer | None = None
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def survives(self, fault: Fault, *, is_cold: bool = False, may_break: bool = False) -> None:
        """Let `fault` happen to people who write; check all that they were told. `pytest -rP` shows figures.

        fault: returns when what it did is over.
        is_cold: whether the database is away already, when people begin.
        may_break: whether requests may be left without an answer.
        """
        name = f"{fault.__name__}{next(self.numbers)}"  # Nobody else has these tasks.
        load = Load(self.api.port, self.api.secret, [f"{name}-{number}" for number in range(PEOPLE)])
        with load.running():
            load.until_each_has_written(0 if is_cold else 3, 60)
            fault(self, load)
            seconds = load.until_each_has_written(1, PATIENCE_SECONDS)
            load.until_each_has_written(3, 60)
        assert may_break or not load.broken, load.broken[:3]
        self.has_exactly(load, f"{name}-")
        sys.stdout.write(
            f"{fault.__name__}: {load.writes} writes acknowledged, {load.refusals} times 503, "
            f"{len(load.broken)} without an answer; everybody has written again after {seconds:.2f} s\n"
        )

    @property
    def workers(self) -> list[int]:
        return workers_of(self.api.process.pid)

    def until_replaced(self, replaced: list[int]) -> None:
        """Return once others have taken the place of these workers."""
        deadline = time.monotonic() + 60
        while len(self.workers) != WORKERS or set(replaced) & set(self.workers):
            assert time.monotonic() < deadline
            assert self.api.process.poll() is None
            time.sleep(0.02)

    def has_exactly(self, load: Load, prefix: str) -> None:
        """Check rows, history, lists and changes feed against the ledger."""
        ledger = load.ledger
        rows = {row[0]: row[1:] for row in self.cluster.run(ROWS.format(prefix))}
        differ = {key for key in rows.keys() | ledger.keys() if rows.get(key) != ledger.get(key)}
        assert not differ, [(key, rows.get(key), ledger.get(key)) for key in sorted(differ)]
        changes = dict(self.cluster.run(CHANGES.format(prefix)))
        assert changes == {task_id: version for task_id, (*_, version, _) in ledger.items()}
        live = sum(not is_trashed for *_, is_trashed in ledger.values())
        assert self.cluster.run(COUNTS.format(prefix)) == [(live, len(ledger) - live)]
        for follower in load.followers:
            person = Client(self.api.port, follower.client.id, self.api.secret)
            follower.copy.person = cast(Person, person)
            assert follower.copy.follow().is_the_list()
            assert sorted(follower.copy.tasks) == sorted(
                task_id for task_id, (owner, *_, is_trashed) in ledger.items() if owner == person.id and not is_trashed
            )
            person.connection.close()


@contextmanager
def service(*, has_pooler: bool) -> Iterator[Service]:
    """Start all of it."""
    with Cluster() as cluster, Proxy(cluster.socket) as proxy:
        migrated = manage(cluster.url(), "migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        if not has_pooler:
            with Api(url(proxy.port), WEB_CONCURRENCY=f"{WORKERS}") as api:
                yield Service(api, cluster, proxy)
            return
        with PgBouncer(proxy.port) as pgbouncer, Api(url(pgbouncer.port), WEB_CONCURRENCY=f"{WORKERS}") as api:
            yield Service(api, cluster, proxy, pgbouncer)


def url(port: int) -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def lasts() -> None:
    """Let a fault last."""
    time.sleep(OUTAGE_SECONDS)

"""The same behind PgBouncer in transaction mode, which is restarted, killed and paused itself."""

from collections.abc import Iterator

import pytest

from tests.faults import faults
from tests.faults.service import Fault, Service, service
from tests.support.pgbouncer import needs_pgbouncer

pytestmark = needs_pgbouncer
FAULTS: list[Fault] = [
    faults.restarted,
    faults.killed,
    faults.frozen,
    faults.read_only,
    faults.cut_off,
    faults.connections_terminated,
    faults.pgbouncer_restarted,
    faults.pgbouncer_killed,
    faults.pgbouncer_paused,
]


@pytest.fixture(scope="module")
def pooled() -> Iterator[Service]:
    with service(has_pooler=True) as running:
        yield running


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_before_or_behind_the_pooler_loses_no_write(pooled: Service, fault: Fault) -> None:
    pooled.survives(fault)

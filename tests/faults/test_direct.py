"""Whatever happens to the database or the workers while people write: every acknowledged write is there exactly once.

The only refusal is 503, and the API is itself again as soon as its database is.
"""

from collections.abc import Iterator

import pytest

from tests.faults import faults
from tests.faults.service import Fault, Service, service

FAULTS: list[Fault] = [
    faults.restarted,
    faults.killed,
    faults.frozen,
    faults.read_only,
    faults.cut_off,
    faults.silent,
    faults.connections_terminated,
    faults.migrated,
]


@pytest.fixture(scope="module")
def direct() -> Iterator[Service]:
    with service(has_pooler=False) as running:
        yield running


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_database_loses_no_write(direct: Service, fault: Fault) -> None:
    direct.survives(fault)


def test_a_full_disk_loses_no_write(direct: Service) -> None:
    if not direct.cluster.has_own_disk:
        pytest.skip("A file system of its own can be mounted by root alone.")

    direct.survives(faults.disk_full)


@pytest.mark.parametrize("fault", [faults.workers_killed, faults.workers_reloaded])
def test_a_worker_that_ends_loses_no_write(direct: Service, fault: Fault) -> None:
    direct.survives(fault, may_break=True)

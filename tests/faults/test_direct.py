"""Whatever happens to the database or the workers while people write: every acknowledged write is there exactly once.

The only refusal is 503, and the API is itself again as soon as its database is.
"""

import time
from collections.abc import Iterator

import pytest

from tests.faults import faults
from tests.faults.service import Fault, Service, service
from tests.support.ledger import Load
from tests.support.proxy import Proxy

WAKING_SECONDS = 2.5  # Five, which is how long a request waits for a connection, and eight were tried by hand.

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


def held(proxy: Proxy) -> None:
    proxy.refuse()
    proxy.hold()
    proxy.accept()


SLEEPS = {"held": (held, Proxy.release), "refused": (Proxy.refuse, Proxy.accept)}


@pytest.mark.parametrize("name", SLEEPS)
def test_a_database_that_scaled_to_zero_costs_waiting_or_503(direct: Service, name: str) -> None:
    """It has closed all connections, and while it wakes it holds or refuses new ones."""
    sleep, wake = SLEEPS[name]

    def woken(service: Service, load: Load) -> None:
        time.sleep(WAKING_SECONDS)
        wake(service.proxy)

    sleep(direct.proxy)
    direct.survives(woken, is_cold=True)

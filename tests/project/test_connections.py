"""A connection that is announced as kept alive is kept, whatever body nobody has read; others say that they close."""

import json
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from tests.better_auth.project import why_not
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of
from todo_project.server.unread_body import MAX_DISCARDED, must_close, with_unread_body_discarded

KIB = 1024
SIZES = [0, 10, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 200 * KIB, MAX_DISCARDED]
ORIGIN = "http://localhost:3000"


@pytest.fixture(scope="module", params=["granian", "gunicorn"])
def server(request: pytest.FixtureRequest) -> str:
    """The server that runs the API."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def api(server: str) -> Iterator[Api]:
    """A running API on a database of its own."""
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, server, CORS_ORIGINS=ORIGIN) as running:
            yield running


@pytest.fixture
def connection(api: Api) -> Iterator[HTTPConnection]:
    """An open connection to the API."""
    opened = HTTPConnection("127.0.0.1", api.port, timeout=30)
    yield opened
    opened.close()


def token(api: Api, **claims: str) -> str:
    return token_of("ada", secret=api.secret, email="ada@example.com", name="Ada", **claims)


def ask(connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Send a request on this connection; return its response, with its `body`."""
    connection.request(method, path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    return SimpleNamespace(status=response.status, headers=response.headers, body=response.read())


UNREAD = {
    "413": ("POST", "/api/ada/tasks", True),
    "403": ("POST", "/api/grace/tasks", True),
    "401": ("POST", "/api/ada/tasks", False),
    "404": ("POST", "/nothing", False),
    "405": ("POST", "/health", False),
    "405 of a page": ("POST", "/docs", False),
    "a GET": ("GET", "/health", False),
    "a toggle of nothing": ("PATCH", "/api/ada/tasks/1/complete", True),
}


@pytest.mark.parametrize("name", UNREAD)
@pytest.mark.parametrize("size", SIZES)
def test_a_connection_that_is_kept_alive_takes_the_next_request(
    api: Api, connection: HTTPConnection, name: str, size: int
) -> None:
    method, path, is_signed_in = UNREAD[name]
    headers = {"Authorization": f"Bearer {token(api)}"} if is_signed_in else {}

    first = ask(connection, method, path, b" " * size, **headers)
    socket = connection.sock

    assert first.headers.get("Connection", "keep-alive") == "keep-alive"
    assert socket is not None
    for _ in range(2):
        assert ask(connection, "GET", "/health").status == 200
        assert connection.sock is socket, "http.client opens another connection if this one was closed"


def test_a_longer_body_closes_the_connection_and_says_so(connection: HTTPConnection) -> None:
    answer = ask(connection, "POST", "/nothing", b" " * (MAX_DISCARDED + 1))

    assert (answer.status, answer.headers["Connection"]) == (404, "close")


def test_a_body_of_unknown_length_closes_the_connection_and_says_so(api: Api, connection: HTTPConnection) -> None:
    head = f"POST /api/ada/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token(api)}\r\n"
    connection.connect()
    assert connection.sock is not None

    # In one piece: the server may close the connection before the next one is sent.
    connection.sock.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n\r\n".encode())

    answer = HTTPResponse(connection.sock)
    answer.begin()
    assert (answer.status, answer.headers["Connection"]) == (411, "close")


@pytest.mark.skipif(why_not() is not None, reason="Node.js is not installed")
@pytest.mark.parametrize("size", [70 * KIB, 300 * KIB, 3 * MAX_DISCARDED])
def test_nodes_fetch_reads_the_refusal_of_a_large_body_and_goes_on(api: Api, size: int) -> None:
    script = f"""
        const url = "http://127.0.0.1:{api.port}/api/ada/tasks";
        const headers = {{ Authorization: "Bearer {token(api)}", "Content-Type": "application/json" }};
        const statuses = [];
        for (let round = 0; round < 5; round++) {{
            for (const body of [JSON.stringify({{ title: "x".repeat({size}) }}), undefined]) {{
                const response = await fetch(url, {{ method: body ? "POST" : "GET", headers, body }});
                await response.arrayBuffer();
                statuses.push(response.status);
            }}
        }}
        console.log(JSON.stringify(statuses));
    """

    ended = subprocess.run(
        ["node", "--input-type=module", "--eval", dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == [413, 200] * 5


@pytest.mark.parametrize(("size", "status"), [(9_000, 200), (12_000, 200), (20_000, 401), (30_000, 401)])
def test_a_token_with_a_picture_in_it_is_read_up_to_16_kib_and_refused_in_our_words(
    api: Api, connection: HTTPConnection, size: int, status: int
) -> None:
    large = token(api, picture="x" * (size * 3 // 4))
    assert 0 < len(large) - size < 400

    answer = ask(connection, "GET", "/api/ada/tasks", Authorization=f"Bearer {large}", Origin=ORIGIN)

    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    if status == 401:
        assert json.loads(answer.body)["detail"] == "The token is longer than 16384 characters."


def test_two_authorization_headers_are_an_invalid_token(api: Api, connection: HTTPConnection) -> None:
    bearer = f"Bearer {token(api)}"
    for first, second in ((bearer, bearer), ("Basic YTpi", bearer), (bearer, "Basic YTpi"), ("Basic YTpi", token(api))):
        connection.putrequest("GET", "/api/me")
        connection.putheader("Authorization", first)
        connection.putheader("Authorization", second)
        connection.endheaders()
        response = connection.getresponse()
        assert json.loads(response.read())["error_code"] == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("headers", "closes"),
    [
        ([], False),
        ([("CONTENT-LENGTH", str(MAX_DISCARDED))], False),
        ([("CONTENT-LENGTH", str(MAX_DISCARDED + 1))], True),
        ([("Content-Length", "9" * 18)], True),
        ([("TRANSFER-ENCODING", "chunked")], True),
        ([("CONTENT-LENGTH", "x"), ("ACCEPT", "*/*")], False),
    ],
)
def test_which_bodies_close_the_connection(headers: list[tuple[str, str]], closes: bool) -> None:
    assert must_close(headers) is closes


@pytest.mark.parametrize("length", ["", "0", "x", "-1", "9" * 18, "9" * 5000, str(MAX_DISCARDED + 1)])
def test_nothing_is_read_without_a_length_that_can_be_discarded(length: str) -> None:
    application = with_unread_body_discarded(lambda environ, start: start("200", []) or [])

    assert application({"CONTENT_LENGTH": length, "wsgi.input": None}, lambda status, headers: None) == []


def test_a_client_that_has_gone_is_not_an_error() -> None:
    def read(size: int) -> bytes:
        raise ConnectionResetError

    application = with_unread_body_discarded(lambda environ, start: start("413", []) or [])

    environ = {"CONTENT_LENGTH": "9", "wsgi.input": SimpleNamespace(read=read)}
    assert application(environ, lambda status, headers: None) == []

"""A server on loopback that publishes keys as Better Auth does, or fails to in a way that a test chooses."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from accounts.exceptions import InvalidToken, KeysUnavailable
from accounts.tokens import jwks
from accounts.tokens.key_sets import KeySet
from accounts.tokens.verify import verify
from tests.support.tokens import Key

type Reply = Callable[[BaseHTTPRequestHandler], None]


class KeyServer:
    """What stands at `url`: it counts the requests and gives the `reply` of the time."""

    def __init__(self) -> None:
        self.port = 0
        self.requests = 0
        self.over = threading.Event()
        self.publish()

    def publish(self, *keys: Key) -> None:
        """Answer with a JWK Set of `keys`."""
        self.send(json.dumps({"keys": [key.published for key in keys]}).encode())

    def send(self, body: bytes, status: int = 200) -> None:
        """Answer with `body`."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.reply: Reply = reply

    def redirect(self, url: str, status: int) -> None:
        """Redirect to `url`."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", url)
            request.send_header("Content-Length", "0")
            request.end_headers()

        self.reply = reply

    def hang(self) -> None:
        """Take requests and say nothing."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            self.over.wait()

        self.reply = reply

    def drip(self) -> None:
        """Answer a byte at a time, each of them soon, and never come to an end."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.end_headers()
            while not self.over.wait(0.02):
                request.wfile.write(b" ")

        self.reply = reply

    def cut_off(self) -> None:
        """Promise more than is sent."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            request.wfile.write(b'{"keys": [')

        self.reply = reply

    def babble(self) -> None:
        """Answer what is not HTTP."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(b"220 mail.example.com\r\n\r\n")

        self.reply = reply

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self.port}/api/auth/jwks"


@contextmanager
def running() -> Iterator[KeyServer]:
    """A key server while the block lasts."""
    keys = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.requests += 1
            try:
                keys.reply(self)
            except OSError:  # The caller has gone, as it should.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    keys.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield keys
    finally:
        keys.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def keys_of_settings() -> KeySet:
    """The key set under test, with no load under way."""
    keys = jwks.current_keys()
    assert keys
    if keys.latest:
        keys.latest.done.exception(5)
    return keys


def is_accepted(signer: Key) -> bool:
    """Whether a token of `signer` holds."""
    try:
        return verify(signer.token()).caller is not None
    except (InvalidToken, KeysUnavailable):
        return False

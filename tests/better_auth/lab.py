"""Runs real Better Auth servers: `with BetterAuthServer(Config(database=url, jwt="EdDSA")) as server: …`."""

import selectors
import subprocess
import time
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import psycopg

from tests.better_auth.browser import Browser
from tests.better_auth.config import Config
from tests.better_auth.person import Person
from tests.better_auth.project import FOLDER, LabError, node_environment, node_project

START_SECONDS = 60
SCHEMAS = FOLDER / "schemas"
STOP_SECONDS = 10


@dataclass(frozen=True)
class Mail:
    """A mail Better Auth wanted to send: `sender` is the option that would have sent it."""

    sender: str
    to: str
    url: str
    token: str


def migrate(config: Config) -> None:
    """Make the tables `config` needs: with Better Auth's own migrations, as its version makes them, or its tool's."""
    if config.tool == "prisma":
        with psycopg.connect(config.database) as connection:
            connection.execute((SCHEMAS / f"{config.schema or config.tool}.sql").read_bytes())
    elif config.tool == "drizzle":
        push(config)
    else:
        run_node(config, "migrate.mjs")


def push(config: Config, *options: str) -> str:
    """Run `drizzle-kit push`, which makes the database like the schema, and return what it said."""
    return run_node(config, "node_modules/drizzle-kit/bin.cjs", "push", "--config", "drizzle.config.mjs", *options)


def run_node(config: Config, *arguments: str) -> str:
    """Run a program of the Node project to its end. Raises LabError: it failed."""
    node = subprocess.run(
        ["node", *arguments],
        cwd=node_project(),
        env=node_environment(BETTER_AUTH_LAB=config.to_json()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    if node.returncode:
        raise LabError(f"{' '.join(arguments)} failed:\n{node.stdout}\n{node.stderr}")
    return node.stdout


class BetterAuthServer:
    """A running server, for the length of a `with`; its tables must exist (`migrate`, or ours)."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def __enter__(self) -> Self:
        # A file and not a pipe, which would fill up unread and then halt the server. Appending, because both
        # processes share one offset, and reading moves it.
        self._errors = TemporaryFile(mode="a+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", "server.mjs"],
            cwd=node_project(),
            env=node_environment(BETTER_AUTH_LAB=self.config.to_json()),
            stdin=subprocess.PIPE,  # held open: the server ends when it closes, also when this process is killed
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self.url = f"http://127.0.0.1:{self._port()}"
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.base_url = self.config.base_url or self.url
        public = urlsplit(self.base_url)
        self.origin = f"{public.scheme}://{public.netloc}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(f"Better Auth's standard error:\n{self.errors()}")
        with self._errors, self.process:  # leaving closes the file, and the pipes of the process that has ended
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def _port(self) -> int:
        """Wait for the line that says which port it is."""
        stdout = cast("Any", self.process.stdout)
        deadline = time.monotonic() + START_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if selector.select(deadline - time.monotonic()):
                line = stdout.readline()
                if line.startswith("listening "):
                    return int(line.split()[1])
        raise LabError(f"Better Auth did not start:\n{self.errors()}")

    def errors(self) -> str:
        """What the server has written to standard error so far."""
        self._errors.seek(0)
        return self._errors.read()

    # Users

    def visitor(self) -> Browser:
        """A browser that knows nobody."""
        return Browser(self.url, self.origin)

    def sign_up(self, email: str = "ada@example.com", *, name: str = "Ada") -> Person:
        """Somebody new, signed in."""
        return Person(self.url, self.origin, email).sign_up(name)

    def sign_in(self, person: Person, *, remember: bool = True) -> Person:
        """The same user in another browser: a second session."""
        other = Person(self.url, self.origin, person.email)
        other.password = person.password
        return other.sign_in(remember=remember)

    def administrator(self, email: str = "root@example.com") -> Person:
        """Somebody new with the admin plugin's role, which nobody could give the first one."""
        person = self.sign_up(email, name="Administrator")
        self.visitor().post("/lab/administrators", {"id": person.id}).ok()
        # A session's cookie cache may still hold the user as they were.
        return self.sign_in(person)

    # Keys

    def jwks(self) -> dict[str, Any]:
        """The published keys."""
        return cast("dict[str, Any]", self.visitor().get("/api/auth/jwks").ok().json)

    def rotate_keys(self) -> None:
        """End every signing key now; the next token makes a new one, and the old stay published."""
        self.visitor().post("/lab/retired-keys").ok()

    # Mails

    def mails(self, to: str) -> list[Mail]:
        """What was sent to that URL, oldest first."""
        mails = self.visitor().get("/lab/mails").ok().json
        return [Mail(m["sender"], m["to"], m["url"], m["token"]) for m in mails if m["to"] == to]

    def verification_token(self, email: str) -> str:
        """The token of the last verification link sent to `email`: an HS256 JWT that is not a login."""
        return [mail for mail in self.mails(email) if mail.sender != "sendResetPassword"][-1].token

"""The example as it is deployed: a database, the API and the Next.js app, for the length of a `with`."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.better_auth.config import SECRET
from tests.better_auth.project import node_environment
from tests.frontend.node import EXAMPLE, ROOT, run
from tests.support.api_server import Api, free_port, manage

BUILD_SECONDS = 600
START_SECONDS = 60


class Site:
    """The app on an empty database, whose tables of Better Auth are called as `schema` says."""

    def __init__(self, database: str, schema: str = "snake_case") -> None:
        self.database = database
        self.schema = schema
        self.port, self.api_port = free_port(), free_port()
        self.url, self.api_url = f"http://localhost:{self.port}", f"http://localhost:{self.api_port}"
        self.api: Api | None = None

    def __enter__(self) -> Self:
        environment = {name: os.environ[name] for name in ("HOME",) if name in os.environ}
        run(ROOT, sys.executable, "scripts/demo.py", "build", environment=environment, seconds=BUILD_SECONDS)
        self.migrate()
        self.start_api()
        self.log = TemporaryFile(mode="a+")
        self.app = subprocess.Popen(
            ["node", "node_modules/next/dist/bin/next", "start", "--port", str(self.port)],
            cwd=EXAMPLE,
            env=self.app_environment(),
            stdout=self.log,
            stderr=self.log,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if self.app.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise AssertionError("The app did not start.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.terminate()
        self.app.wait(30)
        self.log.seek(0)
        if error is not None:
            error.add_note(f"The app's log:\n{self.log.read()}")
        self.log.close()
        self.stop_api()

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/sign-in", timeout=START_SECONDS):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def migrate(self) -> None:
        """Drizzle's tables come before our migrations, which adopt them; the other schema is made by ours."""

        def ours() -> None:
            made = manage(self.database, "migrate", "--verbosity=0", **self.settings())
            assert made.returncode == 0, made.stderr

        def drizzles() -> None:
            run(EXAMPLE, "npm", "run", "migrate", environment=self.app_variables())

        for step in (drizzles, ours) if self.schema == "snake_case" else (ours, drizzles):
            step()

    def settings(self) -> dict[str, str]:
        """The API's settings beside the required ones."""
        return {
            "BETTER_AUTH_SHARED_DATABASE": "true",
            "BETTER_AUTH_SCHEMA": self.schema,
            "BETTER_AUTH_URL": self.url,
            "CORS_ORIGINS": self.url,
        }

    def app_variables(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database,
            "BETTER_AUTH_SCHEMA": self.schema,
            "BETTER_AUTH_SECRET": SECRET,
            "BETTER_AUTH_URL": self.url,
            "TODO_API_URL": self.api_url,
            "NEXT_TELEMETRY_DISABLED": "1",
        }

    def app_environment(self) -> dict[str, str]:
        return node_environment(NODE_ENV="production", **self.app_variables())

    def start_api(self) -> None:
        api = Api(self.database, **self.settings())
        api.port = self.api_port
        self.api = api.__enter__()

    def stop_api(self) -> None:
        if self.api:
            self.api.__exit__(None, None, None)
            self.api = None

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """The first column of a query's rows."""
        named = parameters[0] if parameters and isinstance(parameters[0], dict) else parameters
        with psycopg.connect(self.database) as connection:
            return [row[0] for row in connection.execute(sql, named)]

    def execute(self, sql: str, *parameters: Any) -> None:
        with psycopg.connect(self.database) as connection:
            connection.execute(sql, parameters)

    def titles(self, email: str) -> list[str]:
        """The titles of a user's tasks outside the trash, oldest first."""
        return self.rows(
            'SELECT title FROM tasks JOIN "user" ON "user".id = tasks.user_id'
            " WHERE email = %s AND deleted_at IS NULL ORDER BY tasks.id",
            email,
        )

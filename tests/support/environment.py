"""The environment of the tests, set before Django reads its settings: pytest loads this as a plugin.

TEST_DATABASE_URL names the PostgreSQL to test on; without it, the embedded one is used.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

# An empty variable counts as not set, and overrides the developer's own `.env`.
for line in (Path(__file__).parent.parent.parent / ".env.example").read_text(encoding="utf-8").splitlines():
    if line and not line.startswith("#"):
        os.environ[line.partition("=")[0]] = ""
del os.environ["WEB_CONCURRENCY"]  # gunicorn reads it, too, and takes no empty one.

SECRET = "a-secret-of-the-tests-that-is-long-enough-for-sha-512-as-rfc-7518-wants-it"

os.environ.update(
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", ""),
    BETTER_AUTH_SECRET=SECRET,
    SECRET_KEY="a-key-of-the-tests-that-is-as-long-as-django-wants-them-to-be",
    CORS_ORIGINS="http://localhost:3000",
    ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    HTTPS="false",
    DEBUG="false",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """End with the message of invalid settings, and not with a traceback: a `.env` file may be unreadable."""
    try:
        return (yield)
    except ImportError as error:  # What pytest-django makes of it, with advice of its own after an empty line.
        raise pytest.UsageError(str(error).partition("\n\n")[0]) from error

"""Makes docs/images/admin-task.png: the admin's page of a task with its history, on a scratch database.

Run `.venv/bin/python scripts/screenshots.py` after a change of the admin's look. It needs Chromium
(`apt install chromium`); if yours has another name, set CHROMIUM.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "admin-task.png"
SIZE = "1280,1450"
FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses to run as root with it, as in containers.
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
)

USER_ID = "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u"
# When each revision of the list was made: fixed, so that the picture changes only with the admin.
TIMES = (
    "2026-11-16 18:20:11",
    "2026-11-16 18:20:45",
    "2026-11-18 07:45:30",
    "2026-11-19 12:02:08",
    "2026-11-19 12:03:54",
    "2026-11-20 09:14:37",
    "2026-11-20 09:15:02",
)


def seed() -> int:
    """Create a user and a task with a history, and return the task's id."""
    from django.db import connection

    from accounts.models import User
    from tasks import operations
    from tasks.models import Task
    from tasks.operations import Actor

    User.objects.create(id=USER_ID, name="Maria Keller", email="maria@example.com", email_verified=True)
    maria, anna = Actor(USER_ID), Actor("anna", "admin")
    operations.create(USER_ID, maria, {"title": "Book train to Hamburg", "tags": ["travel"]})
    task = Task.objects.get()
    description = "Four seats at a table, from Friday afternoon to Sunday evening."
    operations.change(USER_ID, task.pk, maria, {"description": description})
    operations.change(USER_ID, task.pk, maria, {"due_date": "2026-12-04", "priority": "high"})
    operations.toggle(USER_ID, task.pk, maria)
    operations.trash(USER_ID, task.pk, maria)
    operations.restore(USER_ID, task.pk, anna)
    operations.change(USER_ID, task.pk, anna, {"completed": False, "tags": ["travel", "family"]})
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # No trigger may set other timestamps.
        for revision, time in enumerate(TIMES, 1):
            cursor.execute("UPDATE task_changes SET at = %s WHERE revision = %s", [time, revision])
        deleted_at = f'{{"deleted_at": "{TIMES[4]}+00:00"}}'
        cursor.execute("UPDATE task_changes SET after = %s WHERE kind = 'deleted'", [deleted_at])
        cursor.execute("UPDATE task_changes SET before = %s WHERE kind = 'restored'", [deleted_at])
        cursor.execute("UPDATE tasks SET created_at = %s, updated_at = %s", [TIMES[0], TIMES[-1]])
        cursor.execute("SET session_replication_role = origin")
    return task.pk


def session_cookie() -> str:
    """Return the cookie of a signed-in staff user."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model()._default_manager.create_superuser("anna", "anna@example.com"))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that the base class gives it
        pass


@contextmanager
def server(cookie: str) -> Iterator[str]:
    """Serve the application to a browser that needs no cookie of its own, and yield the URL."""
    from todo_project.wsgi import application

    def signed_in(environ: dict[str, Any], start_response: Any) -> Any:
        return application({**environ, "HTTP_COOKIE": cookie}, start_response)

    with make_server("127.0.0.1", 0, signed_in, Server, QuietHandler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def take(url: str, picture: Path) -> None:
    browser = os.environ.get("CHROMIUM", "chromium")
    with tempfile.TemporaryDirectory() as profile:
        options = [f"--user-data-dir={profile}", f"--window-size={SIZE}", f"--screenshot={picture}"]
        subprocess.run([browser, *FLAGS, *options, url], check=True, capture_output=True, timeout=60)  # noqa: S603  our own arguments


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    os.environ["HTTPS"] = "false"  # The browser would not send a secure cookie.
    django.setup()
    from django.db import connection
    from django.urls import reverse

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = "todo_screenshots"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        page = reverse("admin:tasks_task_change", args=[seed()])
        with server(session_cookie()) as url:
            take(url + page, PICTURE)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()

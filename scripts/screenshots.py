"""Makes docs/images/admin-*.png: pages of the admin, wide and narrow, light and dark, on a scratch database.

Run `.venv/bin/python scripts/screenshots.py` after a change of the admin's look; with a folder as its argument, it puts
every picture there instead. It needs Chromium (`apt install chromium`); if yours has another name, set CHROMIUM.
"""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SIZES = {"1280": (1280, 900), "390": (390, 844)}
THEMES = ("light", "dark")
# Those that the documents show. The others are for whoever changes the pages, and are not kept.
KEPT = {"front-1280-light", "tasks-1280-light", "history-1280-light", "person-1280-light", "tasks-390-dark"}

NAMES = ("Maria Keller", "Jonas Weber", "Amina Diallo", "Tom Fischer", "Lena Sommer", "Paul Nowak", "Sofia Rossi")
TITLES = (
    "Book train to Hamburg",
    "Call the dentist",
    "Send the invoice",
    "Water the plants",
    "Renew the passport before the summer holidays, and ask whether the old one can be kept",
    "Buy oat milk",
    "Plan the garden",
)


def seed() -> dict[str, str]:
    """Create people and tasks with a history, and return the pages to take, by name."""
    from django.urls import reverse

    from accounts.models import Account, Session, User
    from tasks import operations
    from tasks.models import Task
    from tasks.operations import Actor

    now = datetime.now(UTC)
    for number in range(42):
        name = NAMES[number % len(NAMES)]
        User.objects.create(
            id=f"k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj{number:02}",
            name=name,
            email=f"{name.split()[0].lower()}{number or ''}@example.com",
            email_verified=True,
            created_at=now - timedelta(days=number * number % 29, minutes=number),
            banned=number == 5,
        )
    people = list(User.objects.order_by("id"))
    for number in range(180):
        owner, actor = people[number % len(people)].pk, Actor(people[number % len(people)].pk)
        due = str((now + timedelta(days=number % 40 - 10)).date()) if number % 3 == 0 else None
        values = {
            "title": TITLES[number % len(TITLES)],
            "priority": ("none", "low", "medium", "high")[number % 4],
            "due_date": due,
        }
        operations.create(owner, actor, values)
        if number % 4 == 1:
            operations.toggle(owner, Task.objects.latest("id").pk, actor)
    maria, anna = people[0].pk, Actor("anna", "admin")
    operations.create(maria, Actor(maria), {"title": "Book train to Hamburg", "tags": ["travel"]})
    task = Task.objects.latest("id")
    description = "Four seats at a table, from Friday afternoon to Sunday evening."
    operations.change(maria, task.pk, Actor(maria), {"description": description, "due_date": "2026-12-04"})
    operations.toggle(maria, task.pk, Actor(maria))
    operations.change(maria, task.pk, anna, {"completed": False, "tags": ["travel", "family"], "priority": "high"})
    operations.clear(maria, Actor(maria), status="all")
    live = Task.objects.exclude(user_id=maria).latest("id")
    Session.objects.create(
        id="s",
        user_id=maria,
        token="t",  # noqa: S106
        expires_at=now + timedelta(days=7),
        updated_at=now,
        ip_address="192.0.2.7",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    )
    Account.objects.create(id="a", account_id=maria, provider_id="github", user_id=maria, updated_at=now)
    person = reverse("admin:accounts_user_change", args=[maria])
    return {
        "front": reverse("admin:index"),
        "tasks": reverse("admin:tasks_task_changelist"),
        "task": reverse("admin:tasks_task_change", args=[live.pk]),
        "trashed": reverse("admin:tasks_task_change", args=[task.pk]),
        "people": reverse("admin:accounts_user_changelist"),
        "person": person,
        "history": reverse("admin:accounts_user_history", args=[maria]),
        "ban": reverse("admin:accounts_user_errand", args=[maria, "ban"]),
        "login": reverse("admin:login"),
    }


def session_of_a_superuser() -> dict[str, str]:
    """Return the cookie of a staff user who is signed in."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model()._default_manager.create_superuser("anna", "anna@example.com"))
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that the base class gives it
        pass


@contextmanager
def server() -> Iterator[str]:
    """Serve the application, and yield the URL."""
    from todo_project.wsgi import application

    with make_server("127.0.0.1", 0, application, Server, QuietHandler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def take_all(url: str, pages: dict[str, str], cookie: dict[str, str], folder: Path, kept: set[str] | None) -> None:
    """Take each page in each size and theme. kept: only these."""
    from playwright.sync_api import sync_playwright

    program = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for (size, (width, height)), theme in product(SIZES.items(), THEMES):
            viewport: Any = {"width": width, "height": height}
            scheme: Any = theme
            context = browser.new_context(viewport=viewport, color_scheme=scheme, timezone_id="Europe/Berlin")
            session: Any = [{**cookie, "url": f"{url}/admin/"}]
            zone: Any = [{"name": "operator_timezone", "value": "Europe%2FBerlin", "url": f"{url}/admin/"}]
            context.add_cookies(zone)
            for name, path in pages.items():
                picture = f"{name}-{size}-{theme}"
                if kept is not None and picture not in kept:
                    continue
                if name == "login":
                    context.clear_cookies()
                else:
                    context.add_cookies(session)
                page = context.new_page()
                page.goto(url + path)
                is_long = name in {"tasks", "people"}
                page.screenshot(path=folder / f"admin-{picture}.png", full_page=kept is None and not is_long)
                page.close()
            context.close()
        browser.close()


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    os.environ["HTTPS"] = "false"  # The browser would not send a secure cookie.
    os.environ["BETTER_AUTH_SHARED_DATABASE"] = "true"
    django.setup()
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = "todo_screenshots"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        pages, cookie = seed(), session_of_a_superuser()
        connection.close()
        with server() as url:
            if sys.argv[1:]:
                take_all(url, pages, cookie, Path(sys.argv[1]), None)
            else:
                take_all(url, pages, cookie, IMAGES, KEPT)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()

"""Makes docs/images/app.png: the Next.js example with a list, on a scratch database.

Run `.venv/bin/python -m scripts.app_screenshot` after a change of the example's look. It needs Node 20 and Chromium.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "app.png"
WIDTH, HEIGHT = 820, 620
# The last one is the newest. Days so far away that the picture does not change with the date.
TASKS = (
    ("Renew the passport", "2030-03-14", "none", ""),
    ("Send Anna the photos", "", "none", "family"),
    ("Pay the electricity bill", "2030-12-01", "medium", "home"),
    ("Book train to Hamburg", "2030-12-04", "high", "travel, family"),
    ("Buy milk", "", "none", "shop"),
)
DONE = "Send Anna the photos"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    from playwright.sync_api import ViewportSize, sync_playwright

    from tests.frontend.person import Person
    from tests.frontend.site import Site
    from tests.support.databases import fresh_database, server_url

    with (
        fresh_database(server_url()) as database,
        Site(database) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"]) as chromium,
    ):
        maria = Person(
            chromium.new_context(viewport=ViewportSize(width=WIDTH, height=HEIGHT), color_scheme="light"), site, "Maria"
        )
        maria.sign_up()
        for title, due_date, priority, tags in TASKS:
            maria.add(title)
            maria.open_details(title)
            dialog = maria.page.get_by_role("dialog")
            dialog.get_by_label("Due").fill(due_date)
            dialog.get_by_label("Priority").select_option(priority)
            dialog.get_by_label("Tags, separated by commas").fill(tags)
            dialog.get_by_role("button", name="Save").click()
        maria.row(DONE).get_by_role("checkbox").check()
        maria.page.get_by_label("New task").focus()
        maria.is_saved()
        maria.page.screenshot(path=PICTURE)
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()

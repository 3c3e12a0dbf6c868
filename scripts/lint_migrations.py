"""Refuses migrations that would break the previous release while it still runs: dropped columns, new NOT NULLs.

It reads the SQL of `sqlmigrate`. A warning counts as an error. A migration that is safe nevertheless is named below,
with its reason: the linter's own marker would have to be imported in production.
"""

import logging
import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "tasks")


def main() -> int:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    # The class, not its command: the command would have to be in INSTALLED_APPS, in production too.
    from django_migration_linter import MigrationLinter

    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
    linter = MigrationLinter(
        str(ROOT),
        include_apps=APPS,
        ignore_name=("0001_initial",),  # They create the tables: no release uses them yet, so that locks delay nobody.
        no_cache=True,
        all_warnings_as_errors=True,
    )
    linter.lint_all_migrations()
    linter.print_summary()
    return 1 if linter.has_errors or linter.nb_total < len(APPS) else 0


if __name__ == "__main__":
    sys.exit(main())

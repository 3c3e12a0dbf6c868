"""Refuses migrations under which the release before them could not go on: dropped or renamed columns, new NOT NULLs.

It reads the SQL of `sqlmigrate`. A warning counts as an error; a migration that is safe all the same says so with
`IgnoreMigration` of django_migration_linter, and its reason beside it.
"""

import logging
import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "tasks")


def main() -> int:
    """The exit status: 0 where every migration is safe."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    # The class, not its command: that one wants a place in INSTALLED_APPS, in production too.
    from django_migration_linter import MigrationLinter

    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
    linter = MigrationLinter(str(ROOT), include_apps=APPS, no_cache=True, all_warnings_as_errors=True)
    linter.lint_all_migrations()
    linter.print_summary()
    return 1 if linter.has_errors or linter.nb_total < len(APPS) else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands."""

import logging
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Run a command. What the machine or the settings lack ends it with a sentence; --traceback shows where."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    try:
        import todo_project.settings  # noqa: F401  Django itself would report invalid settings as a traceback.

        logging.getLogger("psycopg.pool").setLevel("ERROR")  # It logs each attempt; the last line says why.
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(message_of(error))


def message_of(error: Exception) -> str:
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    from todo_project.database import why_unreachable  # It needs valid settings.

    return why_unreachable() or str(error).partition("\n")[0]


if __name__ == "__main__":
    main()

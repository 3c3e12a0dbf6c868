"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

application = get_wsgi_application()

from accounts.checks import stop_if_unshared_rows  # noqa: E402  models are there once Django is set up.

stop_if_unshared_rows()

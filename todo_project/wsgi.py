"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from todo_project.middleware import without_charset
from todo_project.request_body import discarding_unread_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

application = discarding_unread_bodies(without_charset(get_wsgi_application()))

from accounts.checks import stop_if_unshared_rows  # noqa: E402  Models can be imported once Django is set up.

stop_if_unshared_rows()

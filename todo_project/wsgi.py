"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from todo_project.middleware import without_charset

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

application = without_charset(get_wsgi_application())

from accounts.checks import stop_if_misconfigured  # noqa: E402  Models can be imported once Django is set up.

stop_if_misconfigured()

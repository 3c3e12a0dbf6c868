"""The WSGI application that the servers call."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")  # The imports below read the settings.

from todo_project.middleware import without_charset
from todo_project.observers import observed
from todo_project.server.access_log import with_access_log
from todo_project.server.request_body import with_body_read_first
from todo_project.server.unread_body import with_unread_body_discarded

application = with_access_log(
    with_unread_body_discarded(with_body_read_first(observed(without_charset(get_wsgi_application()))))
)

from todo_project.database import serving  # noqa: E402

serving.is_on = True

from accounts.checks import stop_if_misconfigured  # noqa: E402  Models can be imported once Django is set up.

stop_if_misconfigured()

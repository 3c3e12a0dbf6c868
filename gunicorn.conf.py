"""gunicorn's configuration: `gunicorn` reads it when it is started in this folder."""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
try:
    from todo_project import (
        allowances,  # noqa: F401  Its table is made here, in the main process: workers share it.
        development,
        metrics,
        refusals,  # noqa: F401  As the allowances.
        settings,
    )
    from todo_project.server.unread_body import must_close
    from todo_project.server.worker import exclude_loaded_code_from_garbage_collection, return_memory_to_the_system
except ImproperlyConfigured as error:  # gunicorn would restart failing workers for ever: stop here.
    sys.exit(str(error))

wsgi_app = "todo_project.wsgi"
host = settings.HOST.strip("[]")
bind = f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"
workers = settings.WORKERS
# Slow clients occupy a thread each: threads must outnumber them. They share the small pool of database connections.
worker_class = "gthread"
threads = settings.THREADS
limit_request_line = 8190  # The URL of a next page has its query and a long cursor: the default, 4094, is too short.
# A token of up to 16 KiB is read (accounts/tokens/jwt.py), and the API itself refuses a longer one: gunicorn's own
# answer has no CORS headers, so that browsers would report a CORS failure.
limit_request_field_size = 32 * 1024
keepalive = 75  # Longer than the 60 s of common proxies, so that none of them reuses a closed connection.
graceful_timeout = 30
control_socket_disable = True  # Two servers on one machine would use the same socket.
forwarder_headers = ""  # gunicorn lets loopback peers set SCRIPT_NAME and PATH_INFO, which bypasses a proxy's rules.
accesslog = None  # The application writes its own (todo_project/server/access_log.py).
logger_class = "todo_project.server.gunicorn_logger.GunicornLogger"


def on_starting(server: Any) -> None:
    """Start the embedded PostgreSQL in the main process, which outlives the workers: it stops with its last user."""
    metrics.prepare()
    if settings.IS_DEVELOPMENT:
        development.database_url(settings.DEVELOPMENT_DIR)


def pre_request(worker: Any, request: Any) -> None:
    """Announce that the connection will be closed, if the rest of the body would stay on it."""
    if must_close(request.headers):
        request.force_close()


def post_worker_init(worker: Any) -> None:
    return_memory_to_the_system()
    exclude_loaded_code_from_garbage_collection()
    worker.log.info("Worker ready (pid: %s)", worker.pid)

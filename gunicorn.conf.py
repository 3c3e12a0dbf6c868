"""How gunicorn serves the API; `gunicorn` in this folder reads it, and PORT and WEB_CONCURRENCY."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
try:
    from todo_project.settings import HOST, PORT, THREADS, WORKERS
except ImproperlyConfigured as error:  # A worker that cannot start is started again and again: stop here.
    sys.exit(str(error))

wsgi_app = "todo_project.wsgi"
bind = f"{HOST}:{PORT}"
workers = WORKERS
# Few threads starve under slow clients; many share the small pool of database connections.
worker_class = "gthread"
threads = THREADS
limit_request_line = 8190  # A page's `next` has its own query and a long cursor: 4094, the default, is too short.
keepalive = 75  # Longer than the 60 s after which proxies let go, so that none reuses a closed connection.
graceful_timeout = 30
control_socket_disable = True  # Two servers on one machine fight over its socket.
forwarder_headers = ""  # gunicorn lets loopback peers set SCRIPT_NAME and PATH_INFO, past a proxy's path rules.
accesslog = "-"
logger_class = "todo_project.server_log.ServerLogger"


def post_worker_init(worker: Any) -> None:
    """Leave what a worker has loaded out of Python's garbage collections: they took a fifth of its time."""
    gc.collect()
    gc.freeze()
    worker.log.info("Worker ready (pid: %s)", worker.pid)

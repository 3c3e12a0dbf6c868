"""Starts granian: a main process, and workers that run each request in one of their threads."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

# granian's allocator (jemalloc) keeps freed memory for ten seconds, and longer if nothing more is asked of it: a worker
# held 30 MiB of long lists that had been sent. It reads this when granian is imported.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")

from django.conf import settings
from granian import Granian, loops
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels

from todo_project import metrics, observers
from todo_project.server.rsgi import Callback, Exchange, cancel_late_bodies
from todo_project.server.threads import Threads
from todo_project.server.worker import exclude_loaded_code_from_garbage_collection, return_memory_to_the_system

logger = logging.getLogger(__name__)

GRACE_SECONDS = 30  # After TERM, requests in progress may finish within these.
KEEP_ALIVE_MS = 75_000  # Longer than the 60 s of common proxies, so that none of them reuses a closed connection.
CONNECTIONS = 960  # Per worker, and idle ones count: most systems allow a process 1024 open files.
HEADER_BYTES = 64 * 1024  # Of one request, with its request line.
SWEEP_SECONDS = 5
FOR_EVER = 100 * 365 * 24 * 3600  # Seconds.

# granian's messages go to the log of todo_project.settings; incremental, because it is configured already.
LOG_CONFIG: dict[str, Any] = {"incremental": True, "formatters": {}, "handlers": {}, "loggers": {}}


class ThreadLoop(asyncio.SelectorEventLoop):
    """An event loop that leaves requests to the threads that bring them.

    granian's threads hand a request to the loop with call_soon_threadsafe(start, coroutine, watcher). Its place in this
    loop would cost two changes of thread, and from here a third to a thread that may block: a third of a request.
    """

    def call_soon_threadsafe(  # type: ignore[override]  # Rust ignores what is returned, and asyncio does not call it.
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        if isinstance(callback, Callback):
            return threads.call(call, callback, *args)
        if len(args) == 2 and hasattr(args[1], "proto"):
            coroutine, watcher = args
            coroutine.close()
            return threads.call(call, handle, watcher)
        return super().call_soon_threadsafe(callback, *args, context=context)

    def call_soon(  # type: ignore[override]  # The same.
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """Call what granian calls with a future that was done already, also from one of its threads."""
        if isinstance(callback, Callback):
            return call(callback, *args)
        return super().call_soon(callback, *args, context=context)


threads = Threads(settings.THREADS)


def call(function: Callable[..., bool | None], *args: Any) -> bool | None:
    """Call a function. granian's Rust code, which has called us, would leave an exception pending; it answers 500."""
    try:
        return function(*args)
    except Exception:
        logger.exception("A request failed outside the application")
        return True


def handle(watcher: Any) -> bool:
    """Begin an exchange. Return whether its body is left unread."""
    exchange = Exchange(watcher.scope, watcher.proto)
    exchange.begin()
    return exchange.is_unread


@loops.register("auto")  # granian's documented way to choose the event loop.
def thread_loop() -> asyncio.AbstractEventLoop:
    loop = ThreadLoop()
    asyncio.set_event_loop(loop)
    return loop


class Application:
    """The RSGI application: granian calls these methods in each worker."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Prepare the worker, in its main thread, just before it listens."""
        # Ctrl-C reaches every process of the terminal; the main process stops its workers, after their requests.
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if parent := multiprocessing.parent_process():
            threading.Thread(target=stop_after, args=[parent], daemon=True).start()
        threading.Thread(target=threads.watch, daemon=True).start()
        sweep(loop)
        exclude_loaded_code_from_garbage_collection()
        logger.info("Worker ready (pid: %s)", os.getpid())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the worker: no request is in progress any more."""
        observers.flush()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        raise RuntimeError("ThreadLoop should have answered this request: granian hands it over in another way now.")


def load_application(*target: str) -> Any:
    """Return the application. granian calls it in each worker; where workers are forked, it is loaded already."""
    from todo_project.wsgi import application

    Exchange.application = staticmethod(application)
    return Application()


def sweep(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel late bodies, now and again and again."""
    loop.call_later(SWEEP_SECONDS, sweep, loop)
    cancel_late_bodies()


def stop_after(parent: BaseProcess) -> None:
    """Wait for the end of the main process, and stop: nobody would stop a worker whose main process was killed."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def restore_signals() -> None:
    """In a new worker: TERM ends it. Until it is ready it would have the main process's handlers, which do nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def serve(host: str, port: int) -> None:
    """Serve until TERM or Ctrl-C. host: an IP address."""
    server = Granian(
        "todo_project.wsgi",
        host,
        port,
        interface=Interfaces.RSGI,
        runtime_mode=RuntimeModes.mt,
        workers=settings.WORKERS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_MS, max_buffer_size=HEADER_BYTES),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        log_dictconfig=LOG_CONFIG,
        log_level=LogLevels[logging.getLevelName(logging.getLogger().level).lower()],
    )

    @server.on_startup
    def use_threads() -> None:
        """Set the number of threads, and that none of them ends.

        As options granian refuses both: with another event loop they would be useless, and idle ones end after minutes.
        """
        server.blocking_threads = settings.THREADS
        server.blocking_threads_idle_timeout = FOR_EVER  # `Threads` counts on those that it has seen.

    return_memory_to_the_system()
    metrics.prepare()
    load_application()
    exclude_loaded_code_from_garbage_collection()
    os.register_at_fork(after_in_child=restore_signals)
    server.serve(target_loader=load_application, wrap_loader=False)

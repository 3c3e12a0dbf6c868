"""Metrics for Prometheus: requests, refusals, the pool of connections, the token cache and the age of the key set.

They exist only if METRICS_TOKEN is set. The workers share them through files (prometheus_client's multiprocess mode),
so that any worker can answer for all of them.
"""

import atexit
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when it is imported.
SAMPLE_SECONDS = 5.0
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of this process."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self.latency = Histogram(
            "todo_request_seconds",
            "Requests by method, route and status, and how long they took.",
            ["method", "route", "status"],
            buckets=BUCKETS,
        )
        self.refusals = Counter("todo_refusals", "Refused requests by status and reason.", ["status", "reason"])
        gauges = {
            "pool_connections": "Open database connections, of all workers.",
            "pool_available": "Open database connections that nobody uses, of all workers.",
            "pool_waiting": "Requests that wait for a database connection, of all workers.",
            "token_cache_entries": "Tokens seen before, of all workers.",
            "token_cache_hits": "Tokens found in the cache, of all running workers.",
            "token_cache_misses": "Tokens not found in the cache, of all running workers.",
        }
        self.gauges = {name: Gauge(f"todo_{name}", text, multiprocess_mode="livesum") for name, text in gauges.items()}
        self.key_set_age = Gauge(
            "todo_key_set_age_seconds",
            "Seconds since Better Auth's public keys were loaded, in the worker with the oldest.",
            multiprocess_mode="livemax",
        )
        self.children: dict[tuple[str, str | None, str], Any] = {}
        self.sampled_at = float("-inf")

    def sample(self, now: float) -> None:
        """Set the gauges. Every few seconds is enough, and no thread is needed for it."""
        from accounts.tokens.cache import seen_tokens
        from accounts.tokens.jwks import current_keys

        self.sampled_at = now
        database: Any = connections["default"]
        stats = database.pool.get_stats() if database.pool else {}
        values = {
            "pool_connections": stats.get("pool_size", 0),
            "pool_available": stats.get("pool_available", 0),
            "pool_waiting": stats.get("requests_waiting", 0),
            "token_cache_entries": len(seen_tokens.entries),
            "token_cache_hits": seen_tokens.hits,
            "token_cache_misses": seen_tokens.misses,
        }
        for name, value in values.items():
            self.gauges[name].set(value)
        keys = current_keys()
        if keys and keys.keys:
            self.key_set_age.set(time.monotonic() - keys.loaded_at)


_metrics: Metrics | None = None
_creation = threading.Lock()


def prepare() -> None:
    """Make the folder of the metrics, in the main process before it starts workers."""
    if settings.METRICS_TOKEN:
        folder = os.environ[FOLDER] = tempfile.mkdtemp(prefix="todo-metrics-")
        atexit.register(remove, folder, os.getpid())


def remove(folder: str, process: int) -> None:
    if process == os.getpid():  # Its forks inherit this function.
        shutil.rmtree(folder, ignore_errors=True)


def current() -> Metrics | None:
    """Return the metrics of this process; None if they are switched off."""
    if not settings.METRICS_TOKEN:
        return None
    return _metrics or created()


def created() -> Metrics:
    """Return the metrics, made by the first of the threads: prometheus_client refuses the same names twice."""
    global _metrics  # noqa: PLW0603  One for each process: prometheus_client's registry is global, too.
    with _creation:
        _metrics = _metrics or Metrics()
    return _metrics


def count_request(method: str, route: str | None, status: str, seconds: float) -> None:
    """Count a request, and how long it took."""
    metrics = current()
    if metrics is None:
        return
    key = (method, route, status)
    child = metrics.children.get(key)
    if child is None:  # labels() would look it up again for each request.
        known = method if method in KNOWN_METHODS else "other"
        child = metrics.children[known, route, status] = metrics.latency.labels(known, route or "none", status)
    child.observe(seconds)
    now = time.monotonic()
    if now - metrics.sampled_at > SAMPLE_SECONDS:
        metrics.sample(now)


KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # A client can send any.


def count_refusal(status: int, reason: str) -> None:
    if metrics := current():
        metrics.refusals.labels(str(status), reason).inc()


def exposition(metrics: Metrics) -> bytes:
    """Return the metrics of all workers in Prometheus's text format."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

    metrics.sample(time.monotonic())
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(REGISTRY)
    for file in Path(folder).glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{process}").exists() and Path("/proc/self").exists():
            multiprocess.mark_process_dead(process, folder)  # type: ignore[no-untyped-call]  # untyped
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # untyped
    return generate_latest(registry)

"""Optional observers of the running service, OpenTelemetry and Sentry: imported only if their variable is set."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

type WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def observed(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, observed by those whose variable is set."""
    if settings.SENTRY_DSN:
        from todo_project import sentry

        sentry.start()
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return application
    from todo_project import telemetry

    return telemetry.with_traces(application)


def flush() -> None:
    """Send what waits in this worker, which ends now."""
    if settings.SENTRY_DSN:
        from todo_project import sentry

        sentry.flush()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from todo_project import telemetry

        telemetry.flush()

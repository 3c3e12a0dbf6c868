"""Reports our faults to Sentry: what kind of error, where, and in which request.

Imported only if SENTRY_DSN is set. Whatever is logged as an error is reported, through the log alone. sentry-sdk's
integration of Django would replace parts of each request's path, and send what can contain a token or the text of a
task: headers, bodies, queries, local variables, values of statements, messages of errors.
"""

from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.logging import LoggingIntegration

from todo_project.logging import current_request_id

OURS = ("accounts", "tasks", "todo_project")


def start(**options: Any) -> None:
    """Let sentry-sdk report from now on. SENTRY_ENVIRONMENT and SENTRY_RELEASE are variables of its own."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        default_integrations=False,
        integrations=[LoggingIntegration(level=None)],
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=without_texts,
        **options,
    )


def without_texts(event: Any, hint: Any) -> Any:
    """Return `event` without what an error or a log record quotes. The log has it, under the same request id."""
    for name in ("breadcrumbs", "extra", "request", "user"):
        event.pop(name, None)
    entry = event.pop("logentry", {})
    if event.get("logger", "").partition(".")[0] in OURS:  # Its messages are constant; what varies is in `params`.
        event["logentry"] = {"message": entry.get("message")}
    for error in event.get("exception", {}).get("values", []):
        error["value"] = ""
    event["tags"] = {"request_id": current_request_id.get()}
    return event


def flush() -> None:
    """Send what waits."""
    sentry_sdk.flush(timeout=2)

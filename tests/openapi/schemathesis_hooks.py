"""What schemathesis cannot know from the document: the rules that refuse a request although its schema allows it."""

from collections.abc import Callable
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

OPAQUE = {"cursor", "since"}


def has_header(case: Any, name: str) -> bool:
    return any(header.lower() == name for header in case.headers or {})


# error_code → whether the request asked for it.
DECLARED: dict[str, Callable[[Any, dict[str, Any]], bool]] = {
    "PRECONDITION_FAILED": lambda case, body: has_header(case, "if-match"),
    "IDEMPOTENCY_KEY_REUSED": lambda case, body: has_header(case, "idempotency-key"),
    # An opaque token is issued, not made up. One that was issued is accepted: the stateful tests follow links.
    "VALIDATION_ERROR": lambda case, body: set(body["errors"]) <= OPAQUE & set(case.query or {}),
    "REVISION_EXPIRED": lambda case, body: "since" in (case.query or {}),
}


@schemathesis.check
def allowed_data_is_accepted_or_refused_by_a_declared_rule(ctx: Any, response: Any, case: Any) -> None:
    """What the document allows is accepted, unless one of DECLARED refuses it.

    In its coverage phase, schemathesis takes some cases for allowed one of whose parts it has made a forbidden one.
    """
    if case.meta is None or any(part.mode.is_negative for part in case.meta.components.values()):
        return
    if response.status_code >= 400:
        body = response.json()
        rule = DECLARED.get(body["error_code"])
        if rule and rule(case, body):
            return
    positive_data_acceptance(ctx, response, case)

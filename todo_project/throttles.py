"""Throttles by address, by user and of failed authentication (docs/decisions/0037-throttles.md)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

from accounts.credentials import has_credentials
from todo_project.allowances import Rate, table
from todo_project.client_address import counted_address_of


def check_address(request: HttpRequest) -> None:
    """Count a request of an address. Raises Throttled, also after too many refused tokens."""
    failed: Rate | None = settings.THROTTLE_FAILED_AUTH
    if failed and table.take("failed-auth", counted_address_of(request), failed, cost=0).wait:
        take(request, "failed-auth", counted_address_of(request), failed, cost=0)
    if settings.THROTTLE_ADDRESS:
        take(request, "address", counted_address_of(request), settings.THROTTLE_ADDRESS)


def count_failure(request: HttpRequest) -> None:
    """Count a token or a cookie that was refused. A request without one has not failed: it has not tried."""
    rate: Rate | None = settings.THROTTLE_FAILED_AUTH
    if rate and has_credentials(request):
        table.take("failed-auth", counted_address_of(request), rate)


def take(request: HttpRequest, name: str, key: str, rate: Rate, *, cost: int = 1) -> None:
    """Take a request from an allowance, and note the fields of the response. Raises Throttled."""
    state = table.take(name, key, rate, cost=cost)
    fields = request.META.setdefault("todo.rate_limits", {})
    fields[f'"{name}";q={rate.quota};w={rate.window}'] = f'"{name}";r={state.remaining};t={state.reset}'
    if state.wait:
        raise Throttled(state.wait)


def add_fields(request: HttpRequest, response: Any) -> None:
    """Add the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers-10 for the throttles that were asked."""
    limits = request.META["todo.rate_limits"]
    response.headers["RateLimit-Policy"] = ", ".join(limits)
    response.headers["RateLimit"] = ", ".join(limits.values())


class UserThrottle(BaseThrottle):
    """DRF's throttle of the authenticated user."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Return True, or raise Throttled."""
        if settings.THROTTLE_USER and request.user is not None:
            take(request._request, "user", request.user.id, settings.THROTTLE_USER)
        return True

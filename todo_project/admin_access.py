"""The admin is absent from instances that serve as a role that may not read staff (docs/least-privileges.md)."""

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotFound
from psycopg.errors import InsufficientPrivilege

ABSENT = "There is no admin on this instance, because its role in the database may not read staff users.\n"


class AdminAccessMiddleware:
    """Turns the refusal of PostgreSQL into 404. It is asked nothing before: pages that work pay nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, DatabaseError) and isinstance(exception.__cause__, InsufficientPrivilege):
            return HttpResponseNotFound(ABSENT, content_type="text/plain; charset=utf-8")
        return None

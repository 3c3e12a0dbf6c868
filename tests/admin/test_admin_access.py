"""Where PostgreSQL does not let the API read staff, there is no admin; any other fault of a page stays a fault."""

import psycopg
import pytest
from django.db import ProgrammingError
from django.test import Client

from tests.support.faults import raiser
from todo_project.admin_site import BrandedAdminSite

pytestmark = pytest.mark.django_db


def refused_by(cause: Exception) -> ProgrammingError:
    error = ProgrammingError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (refused_by(psycopg.errors.InsufficientPrivilege("permission denied for table auth_user")), 404),
        (refused_by(psycopg.errors.UndefinedTable("there is no such table")), 500),
        (ValueError("a fault"), 500),
    ],
)
def test_a_page_that_the_database_refuses_is_404(
    staff: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    staff.raise_request_exception = False
    monkeypatch.setattr(BrandedAdminSite, "has_permission", raiser(error))

    assert staff.get("/admin/").status_code == status

"""The front page of the admin has the same refused requests, whichever worker makes it."""

import re

import pytest

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.server import SERVERS

SIGN_IN = """
from django.contrib.sessions.backends.db import SessionStore
user = StaffUser.objects.create_superuser("anna", password="unused")
session = SessionStore()
session.update({"_auth_user_id": str(user.pk), "_auth_user_hash": user.get_session_auth_hash(),
    "_auth_user_backend": "django.contrib.auth.backends.ModelBackend"})
session.save()
print(session.session_key)
"""


@pytest.mark.parametrize("server", SERVERS)
def test_every_worker_shows_what_all_have_refused(django_db_setup: None, server: str) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        signed_in = manage(url, "shell", "-c", SIGN_IN)
        cookie = {"Cookie": f"sessionid={signed_in.stdout.strip()}"}
        with Api(url, server, WEB_CONCURRENCY="2") as api:
            assert {api.send("GET", "/api/ada/tasks").status for _ in range(20)} == {401}
            pages = [api.send("GET", "/admin/", **cookie).body.decode() for _ in range(10)]

    assert {tuple(re.findall(r"<td>401</td><td>[^<]+</td><td>(\d+)</td>", page)) for page in pages} == {("20",)}

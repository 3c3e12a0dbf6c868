"""The charset of a request's Content-Type is ignored: it changes neither query nor body and causes no 500."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from tests.support.people import Person
from todo_project.middleware import without_charset

pytestmark = pytest.mark.django_db(transaction=True)  # The server's own way closes connections that are not its own.

# Python codecs that are not charsets of text, charsets that read ASCII as something else, and names that do not exist.
CHARSETS = ["hex", "base64", "rot13", "idna", "undefined", "zlib", "utf-16", "utf-7", "unicode_escape", "bogus", "\x00"]
PARAMETERS = (
    [f"charset={name}" for name in CHARSETS] + [f"x*={name}''%ff" for name in CHARSETS] + ["charset*=utf-8''hex"]
)


def answered(
    path: str, content_type: str, *, method: str = "GET", body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    """Return status and body of a response of the whole WSGI application."""
    from todo_project.wsgi import application  # It asks the database as it begins.

    request = RequestFactory().generic(method, path, body, "text/plain", headers=headers)
    statuses: list[str] = []
    environ: dict[str, Any] = {**request.environ, "CONTENT_TYPE": content_type, "wsgi.input": io.BytesIO(body)}
    answer = application(environ, lambda status, _headers: statuses.append(status))
    content = b"".join(answer)
    return int(statuses[0].split()[0]), content


def test_the_query_is_read_as_utf_8_whatever_the_charset(owner: Person) -> None:
    owner.has_task("Café +2AA- \\ud800")
    listed = owner.get(owner.tasks).content
    for parameter in PARAMETERS:
        for media_type in ("application/json", "text/plain", ""):
            for query in ("q=caf%C3%A9", "q=%2B2AA-", "q=%5Cud800"):
                said = answered(
                    f"{owner.tasks}?{query}", f"{media_type}; {parameter}", authorization=f"Bearer {owner.token}"
                )
                assert said == (200, listed), (parameter, query)


def test_no_charset_causes_a_500_without_a_token_either() -> None:
    for parameter in PARAMETERS:
        assert answered("/health?a=1", f"a/b; {parameter}")[0] == 200, parameter


def test_a_body_is_read_as_utf_8_whatever_the_charset(owner: Person) -> None:
    for parameter in PARAMETERS:
        status, content = answered(
            owner.tasks,
            f"application/json; {parameter}",
            method="POST",
            body='{"title": "Käse"}'.encode(),
            authorization=f"Bearer {owner.token}",
        )
        assert status == 201, (parameter, content)

    assert {task["title"] for task in owner.get(owner.tasks).json} == {"Käse"}


def test_a_form_of_the_admin_is_403_and_not_500() -> None:
    for parameter in PARAMETERS:
        status, _ = answered(
            "/admin/login/",
            f"application/x-www-form-urlencoded; {parameter}",
            method="POST",
            body=b"a=b",
            cookie=f"csrftoken={'a' * 32}",
        )
        assert status == 403, parameter


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("", ""),
        ("application/json", "application/json"),
        (" Application/JSON ; charset=utf-8", "Application/JSON"),
        ("multipart/form-data; boundary=abc", 'multipart/form-data; boundary="abc"'),
        ('multipart/form-data; charset=hex; Boundary="a b:c"', 'multipart/form-data; boundary="a b:c"'),
        ("multipart/form-data; boundary=\u00e4", "multipart/form-data"),
        ("a" * 300, "a" * 255),
    ],
)
def test_only_the_media_type_and_a_boundary_are_kept(sent: str, told: str) -> None:
    seen: list[str] = []

    def note(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["CONTENT_TYPE"])
        return []

    without_charset(note)({"CONTENT_TYPE": sent}, lambda *_: None)

    assert seen == [told]

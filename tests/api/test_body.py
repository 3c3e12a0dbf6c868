"""A body is JSON of at most 64 KiB with its length; any other is refused by the status that says why."""

import gzip

import pytest

from tests.support.people import Person, TaskJSON
from tests.support.routes import (
    PARSE_ERROR,
    PAYLOAD_TOO_LARGE,
    REFUSED_BODIES,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    Route,
    every_write_of_text,
    write,
)

LIMIT = 64 * 1024
NESTED = 20_000

UNREADABLE = {
    "white space": b" \n",
    "no JSON": b"title=x",
    "text after it": b'{"title": "x"} x',
    "two values": b'{"title": "x"}{}',
    "comma at the end": b'{"title": "x",}',
    "single quotes": b"{'title': 'x'}",
    "NaN": b'{"title": "x", "n": NaN}',
    "Infinity": b'{"title": "x", "n": Infinity}',
    "minus Infinity": b'{"title": "x", "n": -Infinity}',
    "open arrays": b"[" * NESTED,
    "closed arrays": b"[" * NESTED + b"]" * NESTED,
    "arrays in an ignored member": b'{"title": "x", "n": ' + b"[" * NESTED + b"]" * NESTED + b"}",
    "open objects": b'{"a":' * (NESTED // 2),
    "a number of 5000 digits": b'{"title": "x", "n": ' + b"9" * 5000 + b"}",
    "invalid UTF-8": b'{"title": "\xff"}',
    "overlong UTF-8": b'{"title": "\xc0\xae"}',
    "a surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "a byte order mark": b'\xef\xbb\xbf{"title": "x"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "a raw line break in a string": b'{"title": "x\ny"}',
    "a raw NUL": b'{"title": "x\x00"}',
    "gzip": b"\x1f\x8b\x08\x00",
}


@every_write_of_text
@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_json_is_400(owner: Person, kept_task: TaskJSON, route: Route, raw: bytes) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), raw=raw)

    assert answer.error == PARSE_ERROR
    assert "errors" not in answer.json


@every_write_of_text
@pytest.mark.parametrize(
    "raw", ["[]", '["x"]', '"title"', "5", "1e999", "null", "true", "9" * 4000, "[" * 900 + "]" * 900]
)
def test_json_that_is_not_an_object_is_422(owner: Person, kept_task: TaskJSON, route: Route, raw: str) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), raw=raw.encode())

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["non_field_errors"]


@pytest.mark.usefixtures("kept_task")
def test_a_value_as_deep_as_json_is_read_is_not_a_fault_of_ours(owner: Person) -> None:
    for depth in (*range(100, 3000, 150), *range(3000, 30_000, 900)):
        value = b"[" * depth + b"]" * depth

        assert owner.send("POST", owner.tasks, raw=b'{"title": ' + value + b"}").status in {400, 422}


@every_write_of_text
def test_of_a_field_sent_twice_the_last_counts(owner: Person, route: Route) -> None:
    assert write(owner, route, raw=b'{"title": 5, "title": "first", "title": "last"}').json["title"] == "last"


@every_write_of_text
@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "APPLICATION/JSON", "application/json ;x"],
)
def test_json_is_known_by_its_media_type_alone(owner: Person, route: Route, media_type: str) -> None:
    assert write(owner, route, {"title": "é"}, content_type=media_type).json["title"] == "é"


@every_write_of_text
@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/vnd.api+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "*/*",
        "json",
        "text/plain; application/json",
        "\xff;=",
    ],
)
def test_every_other_media_type_is_415(owner: Person, kept_task: TaskJSON, route: Route, media_type: str) -> None:
    path = route.path("owner", kept_task["id"])

    assert owner.send(route.method, path, {"title": "x"}, content_type=media_type).error == UNSUPPORTED_MEDIA_TYPE


@every_write_of_text
@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "deflate, gzip", "x"])
def test_a_compressed_body_is_415_and_says_why(owner: Person, kept_task: TaskJSON, route: Route, encoding: str) -> None:
    body = gzip.compress(b'{"title": "x"}')

    answer = owner.send(route.method, route.path("owner", kept_task["id"]), raw=body, content_encoding=encoding)

    assert answer.error == UNSUPPORTED_MEDIA_TYPE
    assert answer.json["detail"] == "Send the body without Content-Encoding: a compressed body is not read."
    assert answer.headers["Accept-Encoding"] == "identity"


@every_write_of_text
@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_may_say_that_it_is_not_compressed(owner: Person, route: Route, encoding: str) -> None:
    assert write(owner, route, {"title": "x"}, content_encoding=encoding).status == route.success


@every_write_of_text
def test_64_kib_are_read_and_one_byte_more_is_413(owner: Person, route: Route) -> None:
    body = b'{"title": "x"}'.ljust(LIMIT)

    assert write(owner, route, raw=body).status == route.success
    assert write(owner, route, raw=body + b" ").error == PAYLOAD_TOO_LARGE


@every_write_of_text
@pytest.mark.parametrize("name", REFUSED_BODIES)
def test_a_refused_body_changes_nothing(owner: Person, kept_task: TaskJSON, route: Route, name: str) -> None:
    sent, error = REFUSED_BODIES[name]

    assert owner.send(route.method, route.path("owner", kept_task["id"]), **sent).error == error

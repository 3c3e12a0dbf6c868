"""What a signature does not mend: a header that asks for more than a plain JWT does, and a payload of no claims."""

import pytest
from pytest_django.fixtures import Settings

from tests.support.tokens import JSON, answer_to, assert_login, assert_refused, by_secret, key, plugin, share_database

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    """A key is published."""
    share_database(settings)
    key("EdDSA").write()


HEADERS: dict[str, bytes] = {
    "a member twice": b'{"alg":"HS256","alg":"HS256"}',
    "alg twice, none first": b'{"alg":"none","alg":"HS256"}',
    "alg twice, escaped": b'{"alg":"none","\\u0061lg":"HS256"}',
    "kid twice": b'{"alg":"HS256","kid":"a","kid":"b"}',
    "a member twice inside": b'{"alg":"HS256","x":{"a":1,"a":2}}',
    "crit": b'{"alg":"HS256","crit":["exp"],"exp":1}',
    "crit empty": b'{"alg":"HS256","crit":[]}',
    "crit of nothing known": b'{"alg":"HS256","crit":["https://evil.example"],"https://evil.example":1}',
    "b64 false": b'{"alg":"HS256","b64":false,"crit":["b64"]}',
    "b64 false without crit": b'{"alg":"HS256","b64":false}',
    "b64 true": b'{"alg":"HS256","b64":true}',
    "zip": b'{"alg":"HS256","zip":"DEF"}',
    "enc": b'{"alg":"HS256","enc":"A256GCM"}',
    "jwk": b'{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}',
    "jku": b'{"alg":"HS256","jku":"https://evil.example/jwks"}',
    "x5u": b'{"alg":"HS256","x5u":"https://evil.example/cert"}',
    "x5c": b'{"alg":"HS256","x5c":["AAAA"]}',
    "x5t": b'{"alg":"HS256","x5t":"AAAA"}',
    "x5t#S256": b'{"alg":"HS256","x5t#S256":"AAAA"}',
    "no object": b'["HS256"]',
    "a string": b'"HS256"',
    "null": b"null",
    "no JSON": b"{alg:HS256}",
    "JSON and more": b'{"alg":"HS256"}{"alg":"HS256"}',
    "a byte order mark": b'\xef\xbb\xbf{"alg":"HS256"}',
    "UTF-16": '{"alg":"HS256"}'.encode("utf-16"),
    "no UTF-8": b'{"alg":"HS256","x":"\xff"}',
    "nested without end": b'{"alg":"HS256","x":' + b"[" * 5000,
    "a huge number": b'{"alg":"HS256","x":' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_not_that_of_a_plain_jwt_is_refused_though_it_is_signed(header: bytes) -> None:
    assert_refused(answer_to(by_secret(plugin(), header=header)))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "crit", "b64", "zip", "enc"])
def test_the_reason_names_the_field_that_is_not_accepted(name: str) -> None:
    member: JSON = {name: ["exp"]}

    for token in (by_secret(plugin(), header={"alg": "HS256", name: None}), key("EdDSA").token(**member)):
        answer = answer_to(token)

        assert_refused(answer)
        assert answer.json["detail"] == f"The token's header has {name}, which is not accepted."


def test_white_space_in_the_header_and_fields_without_meaning_are_accepted() -> None:
    assert_login(answer_to(by_secret(plugin(), header=b' {\n\t"alg" : "HS256" ,\r\n "cty":"x", "kid":"../../etc"} ')))


PAYLOADS: dict[str, bytes] = {
    "empty object": b"{}",
    "a nested JWT": by_secret({"sub": "ada", "exp": 99999999999}).encode(),
    "no object": b'["ada"]',
    "a string": b'"ada"',
    "a member twice": b'{"sub":"eve","sub":"ada","exp":99999999999}',
    "no JSON": b"sub=ada",
    "zeros": bytes(20),
    "one byte": b"a",
    "no UTF-8": b'{"sub":"ada","exp":99999999999,"x":"\xff"}',
    "nested without end": b'{"sub":' + b"[" * 9000,
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_that_is_not_a_set_of_claims_is_refused_though_it_is_signed(payload: bytes) -> None:
    assert_refused(answer_to(by_secret(payload)))


KIDS = [
    "../../../../dev/null",
    "/dev/null",
    "' OR '1'='1",
    "'; DROP TABLE jwks; --",
    "kid-EdDSA'--",
    "%",
    "a\0b",
    "\ud800",
    "k" * 9000,
    "http://127.0.0.1/jwks",
    "{kid}",
    "%s",
    "$(id)",
]


@pytest.mark.parametrize("kid", KIDS, ids=range(len(KIDS)))
def test_a_kid_is_a_name_and_no_path_query_or_command(kid: str) -> None:
    assert_refused(answer_to(key("EdDSA").token(kid=kid)))
    assert_refused(answer_to(by_secret(plugin(), header={"alg": "EdDSA", "kid": kid}, secret=b"\0")))

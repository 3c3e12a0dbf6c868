"""The token is in one `Authorization: Bearer` header (RFC 6750, section 2.1), and nowhere else is one looked for."""

import pytest

from tests.support.people import Person
from tests.support.tokens import EMAIL, answer_to, assert_login, assert_refused, by_secret, minted, signed_session

pytestmark = pytest.mark.django_db

ACCEPTED = ["Bearer {}", "bearer {}", "BEARER {}", "bEaReR {}", "Bearer    {}", "  Bearer {}  ", "Bearer \t{}\t"]
INVALID = [
    "Bearer",
    "Bearer ",
    "Bearer {} {}",
    "Bearer {},",
    "Bearer {},Bearer {}",
    "Bearer {}, Bearer {}",
    "Bearer {}, Basic YTpi",
    "Bearer Bearer {}",
    "Bearer token={}",
    "Basic YTpi, Bearer {}",
    "Basic YTpi,Basic YTpi",
    "Digest a=b, c=d, Bearer {}",
    "Basic YTpi,{}",
    "{},{}",
    "{}, Basic YTpi",
    "Basic,Bearer {}",
    "Token {},Bearer {}",
    'Digest a="b,c", d=e, {}',
    'Digest a="b, Bearer {}',
    "Negotiate YII=,Negotiate YII=",
    'Bearer "{}"',
    "Bearer {}\xa0",
    "Bearer \xff\xfe",
    "Bearer null",
    "Bearer undefined",
    "Bearer [object Object]",
    "Bearer %00",
    "Bearer ..",
    "Bearer .",
]
NO_TOKEN = [
    "",
    " ",
    ",",
    "{}",
    "Basic YTpi",
    "Basic {}",
    "Token {}",
    "JWT {}",
    "Bearer\t{}",
    "Bearer:{}",
    "Bearer{}",
    "Digest a=b, c=d",
    'Digest username="Ada, Lovelace", uri="/", response="x\\"y"',
    "AWS4-HMAC-SHA256 Credential=a/20261120/eu/s3/aws4_request, SignedHeaders=host;date, Signature=00",
    "Negotiate YII=",
    "a b c",
]


@pytest.mark.parametrize("header", ACCEPTED)
def test_the_scheme_is_bearer_in_any_case_and_with_white_space_around_the_token(header: str) -> None:
    assert_login(answer_to("", authorization=header.format(by_secret(minted()))))


@pytest.mark.parametrize("header", INVALID)
def test_a_bearer_header_that_is_not_one_token_is_an_invalid_token(header: str) -> None:
    token = by_secret(minted())

    assert_refused(answer_to("", authorization=header.format(token, token)))


@pytest.mark.parametrize("header", ["Bearer", "Bearer {} {}", "Bearer {}, Bearer {}", "Bearer {},Basic YTpi"])
def test_the_reason_says_how_the_header_is_written(header: str) -> None:
    answer = answer_to("", authorization=header.format("x", "y"))

    assert answer.json["detail"] == "The Authorization header must be: Bearer <token>."


@pytest.mark.parametrize(
    "header", ["{}", "Token {}", "JWT {}", "Token token={}", "Bearer:{}", "Bearer{}", "Bearer\t{}", "jwt {}"]
)
def test_who_sends_a_token_in_another_way_is_told_what_is_expected(header: str) -> None:
    answer = answer_to("", authorization=header.format(by_secret(minted())))

    assert answer.error == (401, "NOT_AUTHENTICATED")
    assert answer.json["detail"] == "The Authorization header must be: Bearer <token>."


@pytest.mark.parametrize("header", NO_TOKEN)
def test_another_header_is_not_a_token(header: str) -> None:
    assert_refused(answer_to("", authorization=header.format(by_secret(minted()))), "NOT_AUTHENTICATED")


def test_no_header_is_not_a_token(nobody: Person) -> None:
    assert_refused(nobody.get("/api/me"), "NOT_AUTHENTICATED")


@pytest.mark.parametrize("name", ["token", "access_token", "auth", "jwt", "authorization"])
def test_a_token_in_the_query_the_body_or_another_header_is_ignored(name: str, nobody: Person) -> None:
    token = by_secret(minted())

    for answer in (
        nobody.get(f"/api/me?{name}={token}"),
        nobody.get(f"/api/me?{name}=Bearer%20{token}"),
        nobody.post("/api/ada/tasks", {"title": "x", name: token}),
        nobody.send(
            "POST", "/api/ada/tasks", raw=f"{name}={token}".encode(), content_type="application/x-www-form-urlencoded"
        ),
        nobody.get("/api/me", **{f"x_{name}": f"Bearer {token}"}),
        nobody.get("/api/me", proxy_authorization=f"Bearer {token}"),
    ):
        assert_refused(answer, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("name", ["better-auth.session_token", "better-auth.session_data", "token", "sessionid"])
def test_a_cookie_is_ignored_if_it_is_not_switched_on(name: str, nobody: Person) -> None:
    for value in (signed_session(), by_secret(minted())):
        assert_refused(nobody.get("/api/me", cookie=f"{name}={value}"), "NOT_AUTHENTICATED")


def test_401_and_the_reason_are_the_same_on_every_method_and_address() -> None:
    eve = Person("eve", by_secret(minted(sub=..., email=EMAIL, userId="ada")))

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/ada/tasks", "/api/ada/tasks/1", "/api/me", "/api/auth/me"):
            answer = eve.send(method, path)
            assert answer.status == 401
            assert 'error_description="The token names no user (sub)."' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("size", [7_000, 17_000, 1_000_000])
def test_a_token_of_any_length_is_answered(size: int) -> None:
    token = by_secret(minted(padding="x" * size))

    if len(token) <= 16_384:
        assert_login(answer_to(token))
    else:
        answer = answer_to(token)
        assert_refused(answer)
        assert answer.json["detail"] == "The token is longer than 16384 characters."

"""A JWT of the jwt plugin is a login where the key that its `kid` names signed it, for us, by that key's algorithm."""

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.support.key_server import running
from tests.support.tokens import (
    ALGORITHMS,
    JSON,
    ORIGIN,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    now,
    plugin,
    session_cache,
    share_database,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(db: None, settings: Settings) -> None:
    """A key of each algorithm in Better Auth's own table, beside Ada."""
    share_database(settings)
    for algorithm in ALGORITHMS:
        key(algorithm).write()


@pytest.fixture
def address(settings: Settings) -> Iterator[None]:
    """The same keys at a URL, and the database apart."""
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]
    with running() as server:
        server.publish(*(key(algorithm) for algorithm in ALGORITHMS))
        settings.BETTER_AUTH_KEYS = server.url
        yield


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_is_accepted_from_the_table(algorithm: str, table: None) -> None:
    assert_login(answer_to(key(algorithm).token()))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_is_accepted_from_an_address(algorithm: str, address: None) -> None:
    assert_login(answer_to(key(algorithm).token()))
    assert User.objects.get(pk="ada").email == "ada@example.com"


@pytest.mark.parametrize("header", ALGORITHMS)
@pytest.mark.parametrize("named", ALGORITHMS)
def test_the_algorithm_is_the_keys(named: str, header: str, table: None) -> None:
    if header != named:
        assert_refused(answer_to(key(named).token(alg=header)))
        assert_refused(answer_to(key(header).token(kid=key(named).kid)))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_1_4_names_no_algorithm_and_has_that_of_its_curve(algorithm: str, settings: Settings) -> None:
    share_database(settings)
    key(algorithm).write(alg=None)

    assert_login(answer_to(key(algorithm).token()))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_rsa_key_of_1_4_may_be_of_either_algorithm(algorithm: str, settings: Settings) -> None:
    share_database(settings)
    key("RS256").write(alg=None)
    same = type(key("RS256"))(key("RS256").kid, algorithm, key("RS256").private)

    assert_login(answer_to(same.token()))


def test_ed25519_is_another_name_of_eddsa(settings: Settings) -> None:
    share_database(settings)
    key("EdDSA").write(alg="Ed25519")

    assert_login(answer_to(key("EdDSA").token()))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_is_not_a_shared_secret(algorithm: str, table: None) -> None:
    public = key(algorithm).private.public_key()
    spellings = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        str(key(algorithm).public).encode(),
        *(str(value).encode() for value in key(algorithm).public.values()),
    ]
    if algorithm == "EdDSA":
        spellings.append(public.public_bytes_raw())

    for spelling in spellings:
        for header in ({"alg": "HS256"}, {"alg": "HS256", "kid": key(algorithm).kid}):
            assert_refused(answer_to(by_secret(plugin(), header=header, secret=spelling)))


def test_the_shared_secret_is_not_a_public_key(table: None) -> None:
    for algorithm in ALGORITHMS:
        assert_refused(answer_to(by_secret(plugin(), header={"alg": algorithm, "kid": key(algorithm).kid})))


@pytest.mark.parametrize(
    "kid", [..., None, "", 7, ["kid-EdDSA"], {"kid": "kid-EdDSA"}, "other", "kid-EdDSA ", "KID-EDDSA"]
)
def test_the_key_is_the_one_that_kid_names(kid: object, table: None) -> None:
    assert_refused(answer_to(key("EdDSA").token(kid=kid)))


def test_another_key_of_the_same_algorithm_is_another_key(table: None) -> None:
    assert_refused(answer_to(key("EdDSA", "unpublished").token(kid=key("EdDSA").kid)))
    assert_refused(answer_to(key("EdDSA", "unpublished").token()))


PARTIES: dict[str, tuple[JSON, bool]] = {
    "ours": ({}, True),
    "the other of ours": ({"iss": "https://b.example", "aud": "https://b.example"}, True),
    "ours among others": ({"aud": ["https://other.example", ORIGIN]}, True),
    "no iss": ({"iss": ...}, False),
    "no aud": ({"aud": ...}, False),
    "foreign iss": ({"iss": "https://evil.example"}, False),
    "foreign aud": ({"aud": "https://evil.example"}, False),
    "foreign auds": ({"aud": ["https://evil.example"]}, False),
    "no auds": ({"aud": []}, False),
    "null": ({"iss": None, "aud": None}, False),
    "a list of issuers": ({"iss": [ORIGIN]}, False),
    "both in one text": ({"iss": f"{ORIGIN},https://b.example"}, False),
    "a longer issuer": ({"iss": f"{ORIGIN}.evil.example"}, False),
}


@pytest.mark.parametrize(("claims", "is_login"), PARTIES.values(), ids=PARTIES)
def test_issuer_and_audience_are_required_and_ours(
    claims: JSON, is_login: bool, table: None, settings: Settings
) -> None:
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN, "https://b.example"]

    answer = answer_to(key("EdDSA").token(plugin(**claims)))

    if is_login:
        assert_login(answer)
    else:
        assert_refused(answer)


REFUSED: dict[str, Callable[[], str]] = {
    "session cache by key": lambda: key("EdDSA").token(
        session_cache(aud="better-auth:session-cache", sid="s1"), typ="better-auth.session-cache+jwt"
    ),
    "access token": lambda: key("EdDSA").token(typ="at+jwt"),
    "logout token": lambda: key("EdDSA").token(typ="logout+jwt"),
    "typ null": lambda: key("EdDSA").token(typ=None),
    "no sub": lambda: key("EdDSA").token(plugin(sub=...)),
    "not yet valid": lambda: key("EdDSA").token(plugin(nbf=now(60))),
    "no exp": lambda: key("EdDSA").token(plugin(exp=...)),
    "session ended": lambda: key("EdDSA").token(plugin(sid="s2")),
    "session by its token": lambda: key("EdDSA").token(plugin(sid="a1B2c3D4" * 4)),
    "sid is no id": lambda: key("EdDSA").token(plugin(sid=["s1"])),
    "sid with NUL": lambda: key("EdDSA").token(plugin(sid="s1\0")),
    "user unknown": lambda: key("EdDSA").token(plugin(sub="eve")),
    "session of another": lambda: key("EdDSA").token(plugin(sub="bob", sid="s1")),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_login_is_refused(token: Callable[[], str], table: None) -> None:
    User.objects.create(id="bob", name="Bob", email="bob@example.com", email_verified=True)

    assert_refused(answer_to(token()))


def test_an_expired_token_is_expired(table: None) -> None:
    assert_refused(answer_to(key("EdDSA").token(plugin(exp=now(-60), iat=now(-90)))), "TOKEN_EXPIRED")


def test_typ_jwt_and_the_own_session_are_accepted(table: None) -> None:
    assert_login(answer_to(key("EdDSA").token(plugin(sid="s1"), typ="JWT")))


def test_without_an_url_the_reason_says_what_to_set() -> None:
    answer = answer_to(key("EdDSA").token())

    assert_refused(answer)
    assert "BETTER_AUTH_URL" in answer.json["detail"]


def test_a_public_key_url_is_not_a_secret(address: None) -> None:
    assert_login(answer_to(by_secret(minted(sub="eve"))), "eve")
    assert_login(answer_to(key("EdDSA").token(plugin(sub="bob"))), "bob")

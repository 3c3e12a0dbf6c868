"""A JWT under the shared secret is a login where it names a user as a login does, and nothing else is one."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from tests.support.environment import SECRET
from tests.support.people import Person
from tests.support.tokens import (
    EMAIL,
    JSON,
    ORIGIN,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    now,
    part,
    session_cache,
)

pytestmark = pytest.mark.django_db

type Claims = dict[str, Callable[[], JSON]]  # Made in the test: the current time lasts no longer.

OLD_SECRET = "an-older-secret-that-is-long-enough-for-every-algorithm-here-as-well-as-the-new"

LOGINS: Claims = {
    "sub": minted,
    "sub with the person": lambda: minted(email=EMAIL, name="Ada", role="admin", id="eve", userId="eve"),
    "session cache": session_cache,
    "no iat": lambda: minted(iat=...),
    "exp with a fraction": lambda: minted(exp=now(300) + 0.5),
    "foreign iss and aud, nothing to compare with": lambda: minted(iss="https://evil.example", aud=["x"]),
    "nbf within the leeway": lambda: minted(nbf=now(12)),
    "iat ahead of our clock": lambda: minted(iat=now(3600)),
    "just expired": lambda: minted(exp=now(-5), iat=now(-60)),
}


@pytest.mark.parametrize("claims", LOGINS.values(), ids=LOGINS)
def test_a_login_is_accepted_as_its_user(claims: Callable[[], JSON]) -> None:
    assert_login(answer_to(by_secret(claims())))


@pytest.mark.parametrize("typ", ["JWT", "jwt"])
def test_a_type_is_jwt_in_any_case(typ: str) -> None:
    assert_login(answer_to(by_secret(minted(), header={"alg": "HS256", "typ": typ})))


HS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


@pytest.mark.parametrize("ours", HS)
@pytest.mark.parametrize("theirs", HS)
def test_only_the_configured_algorithm_is_accepted(ours: str, theirs: str, settings: Settings) -> None:
    settings.JWT_ALGORITHM = ours

    answer = answer_to(by_secret(minted(), header={"alg": theirs}, digest=HS[theirs]))

    if ours == theirs:
        assert_login(answer)
    else:
        assert_refused(answer)
        assert answer.json["detail"] == f"The token is not signed with {ours}."


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET, "another-" + SECRET])
def test_only_the_current_secret_verifies_a_token(secret: str, settings: Settings) -> None:
    """As in Better Auth: a retired secret may have leaked."""
    settings.BETTER_AUTH_RETIRED_SECRETS = {"1": OLD_SECRET}

    answer = answer_to(by_secret(minted(), secret=secret))

    if secret == SECRET:
        assert_login(answer)
    else:
        assert_refused(answer)
        assert answer.json["detail"] == "The token's signature does not match."


PARTIES: dict[str, tuple[Callable[[], JSON], bool]] = {
    "neither": (minted, True),
    "ours": (lambda: minted(iss=ORIGIN, aud=ORIGIN), True),
    "ours among others": (lambda: minted(aud=["https://other.example", ORIGIN]), True),
    "foreign iss": (lambda: minted(iss="https://evil.example"), False),
    "foreign aud": (lambda: minted(aud="https://evil.example"), False),
    "foreign auds": (lambda: minted(aud=["https://evil.example"]), False),
    "no auds": (lambda: minted(aud=[]), False),
    "iss with a slash": (lambda: minted(iss=ORIGIN + "/"), False),
    "iss in capitals": (lambda: minted(iss=ORIGIN.upper()), False),
    "iss is a list": (lambda: minted(iss=[ORIGIN]), False),
    "iss null": (lambda: minted(iss=None), False),
    "aud null": (lambda: minted(aud=None), False),
    "aud mixed": (lambda: minted(aud=[ORIGIN, 7]), False),
    "aud is an object": (lambda: minted(aud={ORIGIN: ORIGIN}), False),
}


@pytest.mark.parametrize(("claims", "is_login"), PARTIES.values(), ids=PARTIES)
def test_a_foreign_issuer_or_audience_is_refused_once_ours_is_known(
    claims: Callable[[], JSON], is_login: bool, settings: Settings
) -> None:
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]

    answer = answer_to(by_secret(claims()))

    if is_login:
        assert_login(answer)
    else:
        assert_refused(answer)


FORGED: dict[str, Callable[[str, str, str], str]] = {
    "alg none": lambda head, payload, mac: f"{part({'alg': 'none'})}.{payload}.",
    "alg none with a signature": lambda head, payload, mac: f"{part({'alg': 'none'})}.{payload}.{mac}",
    "alg None": lambda head, payload, mac: f"{part({'alg': 'None'})}.{payload}.{mac}",
    "alg NONE": lambda head, payload, mac: f"{part({'alg': 'NONE'})}.{payload}.{mac}",
    "alg in lower case": lambda head, payload, mac: by_secret(minted(), header={"alg": "hs256"}),
    "alg null": lambda head, payload, mac: by_secret(minted(), header={"alg": None}),
    "alg a list": lambda head, payload, mac: by_secret(minted(), header={"alg": ["HS256"]}),
    "no alg": lambda head, payload, mac: by_secret(minted(), header={"typ": "JWT"}),
    "RS256 with the secret as key": lambda head, payload, mac: by_secret(minted(), header={"alg": "RS256"}),
    "ES256 with the secret as key": lambda head, payload, mac: by_secret(minted(), header={"alg": "ES256", "kid": "k"}),
    "HS256 by a key pair": lambda head, payload, mac: key("EdDSA").token(minted(), alg="HS256"),
    "another's payload": lambda head, payload, mac: f"{head}.{part(minted(sub='eve'))}.{mac}",
    "another header": lambda head, payload, mac: f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{payload}.{mac}",
    "signature cut": lambda head, payload, mac: f"{head}.{payload}.{mac[:-4]}",
    "signature longer": lambda head, payload, mac: f"{head}.{payload}.{mac}AAAA",
    "signature of nothing": lambda head, payload, mac: f"{head}.{payload}.{part(bytes(32))}",
    "another secret": lambda head, payload, mac: by_secret(minted(), secret="another-" + SECRET),
    "the empty secret": lambda head, payload, mac: by_secret(minted(), secret=b"\0"),
    "the secret in base64": lambda head, payload, mac: by_secret(minted(), secret=part(SECRET.encode())),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(forge: Callable[[str, str, str], str]) -> None:
    assert_refused(answer_to(forge(*by_secret(minted()).split("."))))


def test_a_reason_repeats_nothing_that_the_token_says(settings: Settings) -> None:
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]
    said = 'told"\r\nX-Injected: 1'
    headers: list[JSON] = [{"alg": said}, {"alg": "HS256", "typ": said}, {"alg": "HS256", said: 1, "crit": [said]}]
    claims = [minted(**{name: said}) for name in ("exp", "nbf", "iss", "aud", "sid", "requestType")]
    tokens = [by_secret(minted(), header=header) for header in headers] + [by_secret(said) for said in claims]

    for answer in [answer_to(token) for token in tokens]:
        assert_refused(answer)
        assert "told" not in f"{answer.headers}{answer.content!r}"
        assert "X-Injected" not in answer.headers


def test_nobody_gets_in_by_anothers_path() -> None:
    ada = Person("ada", by_secret(minted()))
    ada.has_task()

    assert Person("ada", by_secret(minted(sub="eve", id="ada", userId="ada"))).get(ada.tasks).status == 403

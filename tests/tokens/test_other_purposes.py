"""A token that Better Auth made for something else is no login, though its key, issuer, audience and time are right."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tests.support.tokens import ORIGIN, answer_to, assert_login, assert_refused, by_secret, key, plugin, share_database

pytestmark = pytest.mark.django_db

LOGOUT: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
PURPOSES: dict[str, tuple[dict[str, Any], str]] = {
    "an ID token with a nonce": ({"nonce": "n"}, "an ID token"),
    "an ID token beside an access token": ({"at_hash": "h"}, "an ID token"),
    "an ID token beside a code": ({"c_hash": "h"}, "an ID token"),
    "an ID token, by its acr": ({"acr": "0", "auth_time": 1}, "an ID token"),
    "a logout token": ({"events": LOGOUT}, "a logout token"),
    "a token bound to a key": ({"cnf": {"jkt": "x"}}, "bound to a key"),
    "an email verification": ({"requestType": "x"}, "an email verification"),
    "a change of email": ({"updateTo": "a@b"}, "an email verification"),
}
TYPES = ["logout+jwt", "id+jwt", "dpop+jwt", "oauth-authz-req+jwt", "secevent+jwt", "JWE", "", "jwt-of-something"]


@pytest.fixture(autouse=True)
def shared(settings: Settings) -> None:
    """Ada and a key."""
    share_database(settings)
    key("EdDSA").write()


@pytest.mark.parametrize(("claims", "purpose"), PURPOSES.values(), ids=PURPOSES)
@pytest.mark.parametrize("way", ["secret", "key"])
def test_what_only_another_purpose_has_is_refused_by_its_name(way: str, claims: dict[str, Any], purpose: str) -> None:
    said = plugin(**claims)
    answer = answer_to(by_secret(said) if way == "secret" else key("EdDSA").token(said))

    assert_refused(answer)
    assert purpose in answer.json["detail"]


@pytest.mark.parametrize("typ", TYPES)
def test_another_type_is_refused(typ: str) -> None:
    assert_refused(answer_to(key("EdDSA").token(typ=typ)))
    assert_refused(answer_to(by_secret(plugin(), header={"alg": "HS256", "typ": typ})))


@pytest.mark.parametrize("typ", ["JWT", "jwt", ...])
def test_a_login_has_no_type_or_that_of_a_jwt(typ: Any) -> None:
    assert_login(answer_to(key("EdDSA").token(typ=typ)))


def test_an_id_token_names_its_client_as_audience() -> None:
    assert_refused(answer_to(key("EdDSA").token(plugin(aud="client-of-the-app", iss=f"{ORIGIN}/api/auth"))))


def test_a_claims_object_of_a_session_cache_needs_its_type_under_a_key() -> None:
    assert_refused(answer_to(key("EdDSA").token(plugin(sub=..., session={"token": "x"}, user={"id": "ada"}))))

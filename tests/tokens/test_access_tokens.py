"""An OAuth client reads and writes tasks with the scopes that its user gave it, and reaches nothing else of theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from tests.support.people import Answer, Person
from tests.support.routes import ME_ROUTES, OWN_ROUTES, TASK_ROUTES, TOKEN_ROUTES, Route
from tests.support.tokens import (
    ORIGIN,
    RESOURCE,
    access,
    answer_to,
    assert_refused,
    by_secret,
    key,
    now,
    share_database,
)

pytestmark = pytest.mark.django_db

METADATA = f"{RESOURCE}/.well-known/oauth-protected-resource"
SCOPES: list[str] = ["", "tasks:read", "tasks:write", "tasks:read tasks:write", "openid profile email", "tasks tasks:*"]


@pytest.fixture(autouse=True)
def resource(settings: Settings) -> None:
    """Better Auth's OAuth provider issues tokens for this API; its rows are here."""
    share_database(settings)
    settings.BETTER_AUTH_RESOURCE = RESOURCE
    settings.BETTER_AUTH_OAUTH_ISSUER = [f"{ORIGIN}/api/auth"]
    key("EdDSA").write()


def token(typ: str = "at+jwt", **claims: Any) -> str:
    """An access token that the provider has signed."""
    return key("EdDSA").token(access(**claims), typ=typ)


def tasks_with(token: str, **headers: Any) -> Answer:
    """What a client with `token` gets for the user's tasks."""
    return Person("ada", token).get("/api/ada/tasks", **headers)


def is_open(route: Route, scope: str) -> bool:
    """Whether a client with `scope` may use `route`."""
    needed = "tasks:read" if route.method == "GET" else "tasks:write"
    return route in TASK_ROUTES and needed in scope.split()


@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_route_opens_for_its_scope_alone(route: Route, scope: str) -> None:
    client = Person("ada", token(scope=scope))

    for _ in range(2):  # the second time the token has been seen
        answer = client.send(route.method, route.path("ada"), route.body)
        assert (answer.status != 403) == is_open(route, scope), answer.content


@pytest.mark.parametrize("route", TASK_ROUTES, ids=str)
def test_a_missing_scope_is_named_in_the_challenge(route: Route) -> None:
    answer = Person("ada", token(scope="openid")).send(route.method, route.path("ada"), route.body)

    needed = "tasks:read" if route.method == "GET" else "tasks:write"
    assert answer.error == (403, "INSUFFICIENT_SCOPE")
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="api", error="insufficient_scope", error_description="{answer.json["detail"]}",'
        f' scope="{needed}", resource_metadata="{METADATA}"'
    )


@pytest.mark.parametrize("route", [route for route in [*OWN_ROUTES, *ME_ROUTES] if route not in TASK_ROUTES], ids=str)
def test_no_scope_opens_account_data_export_or_erasure(route: Route) -> None:
    answer = Person("ada", token(scope="tasks:read tasks:write account:read")).send(route.method, route.path("ada"))

    assert answer.error == (403, "INSUFFICIENT_SCOPE")
    assert "scope=" not in answer.headers["WWW-Authenticate"]
    assert User.objects.filter(pk="ada").exists()


def test_a_client_reaches_only_its_users_path() -> None:
    assert Person("ada", token()).get("/api/eve/tasks").error == (403, "PERMISSION_DENIED")


def test_what_a_client_writes_is_its_users() -> None:
    client = Person("ada", token(scope="tasks:read tasks:write"))

    client.has_task("Buy milk")

    assert [task["title"] for task in client.get("/api/ada/tasks").json] == ["Buy milk"]


ACCEPTED: dict[str, Callable[[], str]] = {
    "of no session": token,
    "of a session": lambda: token(sid="s1"),
    "long type": lambda: token("application/at+jwt"),
    "type in capitals": lambda: token("AT+JWT"),
    "for several resources": lambda: token(aud=["https://other.example", RESOURCE]),
    "client_id alone": lambda: token(azp=...),
    "azp alone": lambda: token(client_id=...),
    "with acr": lambda: token(acr="0", auth_time=now()),
}
REFUSED: dict[str, Callable[[], str]] = {
    "issuer without the base path": lambda: token(iss=ORIGIN),
    "another issuer": lambda: token(iss="https://evil.example/api/auth"),
    "no issuer": lambda: token(iss=...),
    "another resource": lambda: token(aud="https://other.example"),
    "the origin as audience": lambda: token(aud=ORIGIN),
    "no audience": lambda: token(aud=...),
    "no exp": lambda: token(exp=...),
    "no user": lambda: token(sub=...),
    "no client": lambda: token(client_id=..., azp=...),
    "a client's own": lambda: token(sub="cli"),
    "a client's own, by azp": lambda: token(sub="cli", client_id="other"),
    "bound to a key": lambda: token(cnf={"jkt": "x"}),
    "scope is a list": lambda: token(scope=["tasks:read"]),
    "an ID token in disguise": lambda: token(nonce="x"),
    "a logout token in disguise": lambda: token(events={}),
    "user unknown": lambda: token(sub="eve"),
    "session ended": lambda: token(sid="s2"),
    "session is no text": lambda: token(sid=7),
    "no type": lambda: key("EdDSA").token(access()),
    "type of a login": lambda: key("EdDSA").token(access(), typ="JWT"),
    "of the shared secret": lambda: by_secret(access(), header={"alg": "HS256", "typ": "at+jwt"}),
    "another key": lambda: key("EdDSA", "other").token(access(), typ="at+jwt"),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
def test_an_access_token_of_a_user_for_this_resource_is_accepted(make: Callable[[], str]) -> None:
    assert tasks_with(make()).status == 200


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_is_no_access_token_for_this_resource_is_refused(make: Callable[[], str]) -> None:
    assert_refused(tasks_with(make()))


def test_an_expired_one_is_expired() -> None:
    assert_refused(tasks_with(token(exp=now(-60), iat=now(-90))), "TOKEN_EXPIRED")


def test_the_end_of_its_session_ends_it(settings: Settings) -> None:
    settings.BETTER_AUTH_RECHECK_SECONDS = 0
    ends = token(sid="s1")
    assert tasks_with(ends).status == 200

    Session.objects.all().delete()

    assert_refused(tasks_with(ends))


def test_a_login_has_no_scopes_and_may_do_everything() -> None:
    assert answer_to(by_secret({"sub": "ada", "exp": now(60), "scope": "tasks:read"})).status == 200


def test_with_the_database_apart_the_scopes_count_too(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = False
    client = Person("bob", token(sub="bob"))

    assert client.get("/api/bob/tasks").status == 200
    assert client.post("/api/bob/tasks", {"title": "x"}).error == (403, "INSUFFICIENT_SCOPE")


def test_without_the_setting_the_reason_names_it(settings: Settings) -> None:
    settings.BETTER_AUTH_RESOURCE = ""

    answer = tasks_with(token())

    assert_refused(answer)
    assert "BETTER_AUTH_RESOURCE" in answer.json["detail"]


@pytest.mark.parametrize("authorization", [None, "Bearer x", "Basic YTpi", f"DPoP {'a' * 32}"])
def test_every_401_leads_to_the_sign_in(authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = Person("ada").get("/api/ada/tasks", **headers)

    assert answer.status == 401
    assert f'resource_metadata="{METADATA}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("https://api.example.com", ""),
        ("https://api.example.com/", ""),
        ("https://api.example.com/api", "/api"),
        ("https://api.example.com/v1/todo/", "/v1/todo"),
    ],
)
def test_the_metadata_is_where_the_challenge_says(identifier: str, path: str, settings: Settings) -> None:
    settings.BETTER_AUTH_RESOURCE = identifier
    well_known = f"/.well-known/oauth-protected-resource{path}"

    challenge = Person("ada").get("/api/ada/tasks").headers["WWW-Authenticate"]
    assert challenge == f'Bearer realm="api", resource_metadata="https://api.example.com{well_known}"'
    answer = Person("ada").get(well_known)
    assert answer.status == 200
    assert answer.json == {
        "resource": identifier,
        "authorization_servers": [f"{ORIGIN}/api/auth"],
        "scopes_supported": ["tasks:read", "tasks:write"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Todo API",
    }
    assert Person("ada").get(f"{well_known}/other").error == (404, "NOT_FOUND")


def test_without_a_resource_there_is_no_metadata(settings: Settings) -> None:
    settings.BETTER_AUTH_RESOURCE = ""

    assert Person("ada").get("/.well-known/oauth-protected-resource").error == (404, "NOT_FOUND")
    assert Person("ada").get("/api/ada/tasks").headers["WWW-Authenticate"] == 'Bearer realm="api"'

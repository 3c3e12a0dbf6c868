"""Nobody reaches another user's tasks, on any route, with any token, under any spelling of the path."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries

from tests.support.people import Person, TaskJSON, token_of
from tests.support.routes import (
    ABSENT,
    OWN_ROUTES,
    ROUTES,
    ROUTES_OF_A_TASK,
    SERVER_ROUTES,
    TOKEN_ROUTES,
    WITHOUT_A_GOOD_TOKEN,
    Route,
    without_a_good_token,
)

NOT_YOURS = "Cannot access another user's tasks"


def routed(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every route that the URL configuration serves outside the admin, as `METHOD /path/{parameter}`."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from [] if path == "/admin/" else routed(pattern, path)
        else:
            template = path.replace("<str:", "{").replace("<path:", "{").replace(">", "}")
            yield from (f"{method} {template}" for method in methods_of(pattern))


def methods_of(pattern: URLPattern) -> set[str]:
    """The methods that a pattern's view handles; HEAD goes with GET."""
    view = pattern.callback
    view_class = getattr(view, "view_class", None) or getattr(view, "cls")  # noqa: B009  mypy knows no `cls`
    handled = getattr(view, "actions", None) or [
        name for name in view_class.http_method_names if hasattr(view_class, name)
    ]
    return {method.upper() for method in handled} - {"HEAD", "OPTIONS"}


def test_the_table_has_every_route() -> None:
    assert sorted(routed(get_resolver())) == sorted(map(str, [*ROUTES, *SERVER_ROUTES]))


@pytest.mark.parametrize("kind", WITHOUT_A_GOOD_TOKEN)
@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_without_a_good_token_every_route_is_401(
    route: Route, kind: str, kept_task: TaskJSON, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = without_a_good_token(kind).send(route.method, route.path("owner", kept_task["id"]), route.body)

    assert answer.error == (401, WITHOUT_A_GOOD_TOKEN[kind][1])
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_on_anothers_path_every_route_is_403_without_a_query(
    route: Route, stranger: Person, kept_task: TaskJSON, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    paths = [route.path("owner", kept_task["id"]), route.path("owner", ABSENT), route.path("never-seen", ABSENT)]

    with django_assert_num_queries(0):  # The stranger's token has been seen before.
        answers = [stranger.send(route.method, path, route.body) for path in paths]

    assert [answer.error for answer in answers] == [(403, "PERMISSION_DENIED")] * 3
    assert {answer.json["detail"] for answer in answers} == {NOT_YOURS}


@pytest.mark.parametrize("route", ROUTES_OF_A_TASK, ids=str)
def test_another_users_task_on_my_own_path_is_404(route: Route, stranger: Person, kept_task: TaskJSON) -> None:
    theirs = stranger.send(route.method, route.path("stranger", kept_task["id"]), route.body)
    nobodys = stranger.send(route.method, route.path("stranger", ABSENT), route.body)

    assert theirs.error == nobodys.error == (404, "NOT_FOUND")
    assert theirs.content == nobodys.content
    assert theirs.json["detail"] == "Task not found"


@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_on_my_own_path_every_route_is_open_to_me(route: Route, owner: Person) -> None:
    path = route.path("owner", owner.has_task()["id"])

    assert owner.send(route.method, path, route.body).status == route.success


@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_a_trailing_slash_changes_nothing_for_any_caller(
    route: Route, owner: Person, stranger: Person, nobody: Person
) -> None:
    path = route.path_with_slash("owner", owner.has_task()["id"])

    statuses = [person.send(route.method, path, route.body).status for person in (nobody, stranger, owner)]

    assert statuses == [401, 403 if route in OWN_ROUTES else 200, route.success]


@pytest.mark.parametrize("route", [route for route in OWN_ROUTES if route.method == "GET"], ids=str)
def test_head_is_held_to_the_same_as_get(route: Route, owner: Person, stranger: Person, nobody: Person) -> None:
    path = route.path("owner", owner.has_task()["id"])

    assert [person.send("HEAD", path).status for person in (nobody, stranger, owner)] == [401, 403, 200]


def test_a_list_has_the_callers_own_tasks_alone(owner: Person, stranger: Person) -> None:
    owner.has_task()
    own = stranger.has_task()

    assert stranger.get(stranger.tasks).json == [own]


def test_a_body_cannot_give_a_task_to_another(owner: Person, stranger: Person) -> None:
    task = stranger.post(stranger.tasks, {"title": "x", "user_id": "owner", "user": "owner"}).json
    stranger.put(stranger.path(task), {"user_id": "owner", "user": "owner"})

    assert owner.get(owner.tasks).json == []
    assert stranger.get(stranger.path(task)).json["user_id"] == "stranger"


@pytest.mark.parametrize(
    ("spelling", "status"),
    [
        ("%6Fwner", 200),  # o, percent-encoded: the same text after one decoding
        ("%256Fwner", 403),  # encoded twice
        ("Owner", 403),
        ("OWNER", 403),
        ("owner%20", 403),
        ("%20owner", 403),
        ("owner%00", 403),
        ("owner%0A", 403),
        ("owner%2e", 403),
        ("owner.", 403),
        ("owner;x=1", 403),
        ("own%C2%ADer", 403),  # a soft hyphen, invisible
        ("%EF%BD%8Fwner", 403),  # full-width o
        ("%FFowner", 403),  # not UTF-8
        ("*", 403),
        ("me", 403),
        ("owner%2F", 404),
        ("owner/.", 404),
        ("stranger/../owner", 404),
        ("", 404),
    ],
)
def test_a_path_is_mine_only_in_my_ids_exact_text(owner: Person, spelling: str, status: int) -> None:
    assert owner.get(f"/api/{spelling}/tasks").status == status


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("user_id", "path", "status"),
    [
        ("jos\u00e9", "jos%C3%A9", 200),
        ("jos\u00e9", "jose%CC%81", 403),  # the same letter, decomposed
        ("jose\u0301", "jose%CC%81", 200),
        ("jose\u0301", "jos%C3%A9", 403),
        ("a b", "a%20b", 200),
        ("a b", "a+b", 403),  # + is a space in queries alone
        ("a+b", "a+b", 200),
        ("a%2Fb", "a%252Fb", 200),
        ("ß", "SS", 403),
        ("42", "042", 403),
    ],
)
def test_other_alphabets_and_marks_are_compared_as_they_are(user_id: str, path: str, status: int) -> None:
    assert Person(user_id, token_of(user_id)).get(f"/api/{path}/tasks").status == status

"""Who tried the app anonymously and then signs up keeps their tasks and history, and both feeds are right."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.models import User
from tasks.models import Task, TaskChange, TaskList
from tasks.moves import move_tasks
from tasks.operations import Actor
from tests.support.copies import Copy
from tests.support.people import Answer, Person, signed_in, token_of
from tests.support.tokens import assert_refused, by_secret, minted, now

pytestmark = pytest.mark.django_db

TYPE = "todo-move+jwt"
KEPT = ("title", "description", "completed", "completed_at", "created_at", "due_date", "priority", "tags", "deleted_at")


@pytest.fixture
def visitor(db: None) -> Person:
    """Tried the app anonymously."""
    return signed_in("visitor")


def order(typ: Any = TYPE, secret: str | None = None, **claims: Any) -> str:
    """A token by which Better Auth's server moves the visitor's tasks to the owner."""
    said = minted(**{"sub": "owner", "from": "visitor", **claims})
    options = {"secret": secret} if secret else {}
    return by_secret(said, header={"alg": "HS256", **({} if typ is ... else {"typ": typ})}, **options)


def move(token: str) -> Answer:
    """Send the order."""
    return Person("owner", token).post("/api/moves")


def rows(user_id: str) -> list[dict[str, Any]]:
    """What must be the same of a user's tasks afterwards."""
    return list(Task.objects.owned_by(user_id).order_by("id").values(*KEPT))


def test_every_task_is_the_new_owners_with_all_that_it_holds(owner: Person, visitor: Person) -> None:
    owner.has_task("Mine")
    visitor.has_task("Buy milk", description="Two litres", tags=["home"], priority="high", due_date="2027-01-02")
    done = visitor.has_task("Done", completed=True)
    visitor.delete(visitor.path(visitor.has_task("Trashed")))
    before = rows("visitor")

    answer = move(order())

    assert (answer.status, answer.json) == (200, {"moved": 3})
    assert rows("owner")[1:] == before
    assert visitor.get(visitor.tasks).json == []
    assert visitor.get(visitor.path(done)).status == 404
    assert [task["title"] for task in owner.get(owner.tasks).json] == ["Done", "Buy milk", "Mine"]
    assert [task["title"] for task in owner.get(f"{owner.tasks}?status=deleted").json] == ["Trashed"]


def test_the_history_comes_along_and_says_who_moved_the_task(owner: Person, visitor: Person) -> None:
    task = visitor.has_task("Buy milk")
    visitor.put(visitor.path(task), {"title": "Buy oat milk"})

    move(order())

    moved = Task.objects.owned_by("owner").get()
    changes = list(moved.history.values_list("kind", "actor", "source", "before", "after"))
    assert changes == [
        ("created", "visitor", "api", None, None),
        ("changed", "visitor", "api", {"title": "Buy milk"}, {"title": "Buy oat milk"}),
        ("moved", "owner", "api", {"user_id": "visitor"}, {"user_id": "owner"}),
    ]
    assert list(TaskChange.objects.of_user("visitor").values_list("kind", "task_id")) == [("purged", task["id"])]


def test_both_feeds_say_what_happened(owner: Person, visitor: Person) -> None:
    copies = {person.id: Copy(person) for person in (owner, visitor)}
    owner.has_task("Mine")
    visitor.has_task("Buy milk")
    visitor.delete(visitor.path(visitor.has_task("Trashed")))
    for copy in copies.values():
        copy.follow()

    move(order())

    for person, copy in ((owner, copies["owner"]), (visitor, copies["visitor"])):
        copy.follow()
        assert copy.tasks == {task["id"]: task for task in person.get(person.tasks).json}


def test_the_counters_of_both_lists_are_right_and_the_list_goes_on(owner: Person, visitor: Person) -> None:
    owner.has_task("Mine")
    visitor.has_task("Buy milk")
    visitor.delete(visitor.path(visitor.has_task("Trashed")))
    etag = owner.get(owner.tasks).headers["ETag"]

    move(order())

    counts = dict(TaskList.objects.values_list("user_id", "live_count"))
    assert counts == {"owner": 2, "visitor": 0}
    assert dict(TaskList.objects.values_list("user_id", "trash_count")) == {"owner": 1, "visitor": 0}
    assert owner.get(owner.tasks, if_none_match=etag).status == 200
    task = owner.get(owner.tasks).json[0]
    assert owner.put(owner.path(task), {"title": "x"}, if_match=f'"{task["version"]}"').status == 200


def test_it_can_be_repeated_and_moves_what_is_there(owner: Person, visitor: Person) -> None:
    visitor.has_task()
    assert move(order()).json == {"moved": 1}
    revision = TaskList.objects.get(pk="owner").revision

    assert move(order()).json == {"moved": 0}
    assert move(order(**{"from": "nobody-who-was-ever-here"})).json == {"moved": 0}
    assert move(order(**{"from": "owner"})).json == {"moved": 0}
    assert TaskList.objects.get(pk="owner").revision == revision
    visitor.has_task("Later")
    assert move(order()).json == {"moved": 1}


def test_nothing_is_lost_at_the_limit(owner: Person, visitor: Person, settings: Settings) -> None:
    owner.has_task()
    visitor.has_task()
    settings.TASKS_PER_USER_LIMIT = 1

    assert move(order()).json == {"moved": 1}
    assert len(owner.get(owner.tasks).json) == 2


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_new_owner_who_was_never_here_is_created_unless_better_auth_must_do_it(
    is_shared: bool, visitor: Person, settings: Settings
) -> None:
    visitor.has_task()
    settings.BETTER_AUTH_SHARED_DATABASE = is_shared

    answer = move(order(sub="new", email="new@example.com"))

    assert answer.status == (401 if is_shared else 200)
    assert Task.objects.get().user_id == ("visitor" if is_shared else "new")
    assert User.objects.filter(pk="new", email="new@example.com").exists() is not is_shared


NO_SOURCE: dict[str, Any] = {"from": ...}
LISTED_SOURCE: dict[str, Any] = {"from": ["visitor"]}
NO_ORDER: dict[str, Callable[[], str]] = {
    "another secret": lambda: order(secret="x" * 40),
    "the type of a login": lambda: order(typ="JWT"),
    "no type": lambda: order(typ=...),
    "a login of the owner": lambda: token_of("owner"),
    "a login with from": lambda: token_of("owner", **{"from": "visitor"}),
    "no source": lambda: order(**NO_SOURCE),
    "a source that is no text": lambda: order(**LISTED_SOURCE),
    "a source with NUL": lambda: order(**{"from": "visi\0tor"}),
    "no target": lambda: order(sub=...),
    "a target that is no text": lambda: order(sub=7),
    "no end": lambda: order(exp=...),
    "a life of an hour": lambda: order(exp=now(3600)),
    "another audience": lambda: order(aud="https://other.example"),
    "no JWT": lambda: "x",
}


@pytest.mark.parametrize("make", NO_ORDER.values(), ids=NO_ORDER)
def test_only_better_auths_own_server_can_order_it(
    make: Callable[[], str], owner: Person, visitor: Person, settings: Settings
) -> None:
    settings.BETTER_AUTH_AUDIENCE = ["https://app.example.com"]
    visitor.has_task()

    assert_refused(move(make()))
    assert Task.objects.get().user_id == "visitor"


def test_without_a_token_it_is_401_and_with_an_old_one_it_is_expired(owner: Person) -> None:
    assert_refused(Person("owner").post("/api/moves"), "NOT_AUTHENTICATED")
    assert_refused(move(order(exp=now(-60))), "TOKEN_EXPIRED")
    assert Person("owner", order()).get("/api/moves").error == (405, "METHOD_NOT_ALLOWED")


def test_an_order_is_no_login(owner: Person, visitor: Person) -> None:
    assert_refused(Person("owner", order()).get("/api/me"))


def test_support_moves_them_with_a_command(owner: Person, visitor: Person) -> None:
    visitor.has_task()
    out = StringIO()

    call_command("move_tasks", "visitor", "owner", stdout=out)

    assert out.getvalue().startswith("Moved 1 tasks of ")
    assert "(visitor) to owner@example.com (owner)" in out.getvalue()
    assert TaskChange.objects.get(kind="moved").source == "support"
    with pytest.raises(CommandError, match="Nobody has the id or the email 'nobody'"):
        call_command("move_tasks", "owner", "nobody")
    assert Task.objects.get().user_id == "owner"


def test_a_task_that_is_moved_twice_keeps_its_whole_history(owner: Person, visitor: Person, stranger: Person) -> None:
    visitor.has_task("Buy milk")

    move_tasks("visitor", "stranger", Actor("anna", "admin"))
    move_tasks("stranger", "owner", Actor("anna", "admin"))

    kinds = list(Task.objects.get().history.values_list("kind", "actor"))
    assert kinds == [("created", "visitor"), ("moved", "anna"), ("moved", "anna")]

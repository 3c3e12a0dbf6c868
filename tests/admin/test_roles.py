"""Each page and each act is for the roles that have it, and for no others."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Block, Session, User
from tasks.admin.bulk import BULK_ACTS
from tasks.admin.errands import ERRANDS
from tasks.models import Task, TaskChange
from tests.support.admin_pages import TASKS, USERS, form_of, html_of
from tests.support.operators import ROLES, operator
from tests.support.people import Person
from todo_project.roles import create_roles

FROM_VIEWER, FROM_SUPPORT, FROM_OPERATOR, ADMIN = ROLES[1:], ROLES[2:], ROLES[3:], ROLES[4:]


@dataclass(frozen=True)
class Door:
    """A page, or an act, and the roles for which it opens."""

    path: str
    roles: tuple[str, ...]
    post: dict[str, str] = field(default_factory=dict)
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.path


PAGES = [
    Door(TASKS, FROM_VIEWER),
    Door(f"{TASKS}{{task}}/change/", FROM_VIEWER),
    Door(f"{TASKS}{{task}}/history/", FROM_VIEWER),
    Door(f"{TASKS}add/", FROM_SUPPORT),
    Door(USERS, FROM_VIEWER),
    Door(f"{USERS}owner/change/", FROM_VIEWER),
    Door(f"{USERS}owner/history/", FROM_VIEWER),
    Door(f"{USERS}owner/errands/sign_out/", FROM_SUPPORT),
    Door(f"{USERS}owner/errands/export/", FROM_SUPPORT),
    *(Door(f"{USERS}owner/errands/{name}/", FROM_OPERATOR) for name in ("ban", "block", "move", "erase")),
    Door("/admin/auth/user/", ADMIN),
    Door("/admin/auth/group/", ADMIN),
]
ACTS = [
    *(Door(f"{TASKS}acts/", FROM_SUPPORT, {"act": name, "ids": "{task}"}, name) for name in BULK_ACTS),
    Door(f"{TASKS}{{task}}/undo/", FROM_SUPPORT, {"revision": "2"}),
    Door(f"{USERS}owner/undo/", FROM_SUPPORT, {"revision": "2"}),
    Door(f"{USERS}owner/errands/sign_out/", FROM_SUPPORT, {"sent": "yes"}),
    Door(f"{USERS}owner/errands/export/", FROM_SUPPORT, {"sent": "yes"}),
    Door(f"{USERS}owner/errands/ban/", FROM_OPERATOR, {"reason": "Spam", "until_0": "", "until_1": ""}),
    Door(f"{USERS}owner/errands/block/", FROM_OPERATOR, {"reason": "Spam"}),
    Door(f"{USERS}owner/errands/move/", FROM_OPERATOR, {"target": "stranger"}),
    Door(f"{USERS}owner/errands/erase/", FROM_OPERATOR, {"typed": "owner"}),
]


def everything() -> list[Any]:
    """All that an act could change."""
    return [list(model.objects.order_by("pk").values()) for model in (Task, TaskChange, User, Session, Block)]


@pytest.fixture
def task(owner: Person, stranger: Person, settings: Settings) -> int:
    """A task of the owner's, who is signed in; it was completed in revision 2."""
    settings.BETTER_AUTH_SHARED_DATABASE = True
    soon = timezone.now() + timedelta(days=7)
    Session.objects.create(id="s", user_id="owner", token="t", expires_at=soon, updated_at=soon)
    return int(owner.has_task("Buy milk", completed=True)["id"])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("door", PAGES, ids=str)
def test_a_page_opens_for_its_roles_alone(task: int, door: Door, role: str) -> None:
    response = operator(role).get(door.path.format(task=task))

    assert response.status_code == (200 if role in door.roles else 403)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("door", ACTS, ids=str)
def test_an_act_is_done_for_its_roles_alone(task: int, door: Door, role: str) -> None:
    before, client = everything(), operator(role)

    response = client.post(door.path.format(task=task), {k: v.format(task=task) for k, v in door.post.items()})

    assert response.getvalue() or response.status_code == 302  # To its end: then the test client closes a file.
    if role in door.roles:
        assert response.status_code in {200, 302}
    else:
        assert response.status_code == 403
        assert everything() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", BULK_ACTS)
def test_an_action_of_the_list_is_offered_to_its_roles_alone(task: int, name: str, role: str) -> None:
    client = operator(role)

    response = client.post(TASKS, {"action": name, "_selected_action": str(task)})

    if role == "Nobody":
        assert response.status_code == 403
    else:
        assert ("selected tasks w" in response.content.decode()) is (role in FROM_SUPPORT)
        assert (f'value="{name}"' in html_of(client, TASKS)) is (role in FROM_SUPPORT)


@pytest.mark.parametrize("role", FROM_VIEWER)
def test_the_page_of_a_person_offers_what_the_role_may(task: int, role: str) -> None:
    page = html_of(operator(role), f"{USERS}owner/change/")

    offered = {name for name in ERRANDS if f"errands/{name}/" in page}
    support, everyone = {"sign_out", "export"}, {"sign_out", "export", "ban", "block", "move", "erase"}
    assert offered == {"Viewer": set(), "Support": support}.get(role, everyone)


def test_a_viewer_can_save_no_form(task: int, owner: Person) -> None:
    form = form_of(operator("Support"), f"{TASKS}{task}/change/")

    assert operator("Viewer").post(f"{TASKS}{task}/change/", {**form, "title": "x"}).status_code == 403
    assert Task.objects.get().title == "Buy milk"


def test_a_viewer_is_offered_neither_undo_nor_restore(task: int, owner: Person) -> None:
    owner.delete(f"{owner.tasks}/{task}")
    viewer, support = operator("Viewer"), operator("Support")

    assert "Undo" not in html_of(viewer, f"{TASKS}{task}/history/")
    assert "Undo" in html_of(support, f"{TASKS}{task}/history/")
    assert ">Restore<" not in html_of(viewer, f"{TASKS}{task}/change/")
    assert ">Restore<" in html_of(support, f"{TASKS}{task}/change/")


def test_the_front_page_shows_numbers_and_people_to_viewers_alone(task: int) -> None:
    assert "owner@example.com" in html_of(operator("Viewer"), "/admin/")
    nobody = html_of(operator("Nobody"), "/admin/")
    assert "owner@example.com" not in nobody
    assert "Newest" not in nobody


def test_the_roles_are_there_after_a_migration(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"Viewer", "Support", "Operator"}


def test_a_role_that_somebody_has_changed_stays_as_it_is(db: None) -> None:
    viewer = Group.objects.get(name="Viewer")
    viewer.permissions.clear()
    Group.objects.get(name="Support").delete()

    create_roles(using="default")
    call_command("migrate", verbosity=0)

    assert viewer.permissions.count() == 0
    assert Group.objects.get(name="Support").permissions.count() == 7

"""An address or a form that no page of the admin sends is refused; it breaks nothing and tells nothing."""

import pytest
from django.test import Client

from accounts.models import User
from tests.support.admin_pages import TASKS, USERS
from tests.support.operators import operator
from tests.support.people import Person

OPERATORS, GROUPS = "/admin/auth/user/", "/admin/auth/group/"
UNKNOWN = {
    USERS: (
        *("email__regex=(", "name__regex=(", "ban_reason__regex=(", "id__range=1", "id__range=1,2"),
        *("sessions__token__startswith=a", "nothing=1", "_to_field=email"),
    ),
    TASKS: (
        *("title__regex=(", "title__iregex=[", "description__regex=*", "tags__contains=a", "tags__overlap=x"),
        *("due_date__year=99999999", "id__range=1", "title__trigram_similar=x", "title__unaccent=x"),
        *("user__email__regex=(", "priority__in=high"),
    ),
    OPERATORS: ("email__regex=(", "password__startswith=a"),
    GROUPS: ("name__regex=(",),
}
KNOWN = {
    USERS: ("state=x", "signed_up=x", "email_verified__exact=1", "email_verified__isnull=1", "p=99", "p=-1", "o=99"),
    TASKS: ("person=x", "priority__exact=x", "priority__isnull=x", "completed__exact=x", "p=x", "q=('", "e=1"),
    OPERATORS: (
        *("groups__id__exact=1", "groups__id__exact=x", "groups__id__exact=99999999999999999999", "groups__isnull=x"),
        *("groups__exact=x", "is_staff__exact=x", "is_staff__id__exact=1"),
    ),
    GROUPS: ("q=(",),
}
NUL = (
    f"{USERS}?id__exact=%00",
    f"{USERS}?q=%00",
    f"{USERS}?%00=1",
    *(f"{TASKS}?{name}=%00" for name in ("person", "priority__exact", "priority__in", "title__startswith")),
    *(f"{USERS}%00/{page}/" for page in ("change", "history", "errands/ban", "undo")),
    f"{TASKS}add/?user=%00",
    "/admin/autocomplete/?app_label=tasks&model_name=task&field_name=user&term=%00",
)


@pytest.mark.parametrize("address", [f"{path}?{query}" for path, queries in UNKNOWN.items() for query in queries])
def test_a_lookup_that_no_filter_offers_is_refused(
    staff: Client, owner: Person, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert staff.get(address).status_code == 400
    assert not [record for record in caplog.records if record.levelname == "ERROR" or record.exc_info]


@pytest.mark.parametrize("address", [f"{path}?{query}" for path, queries in KNOWN.items() for query in queries])
def test_whatever_a_filter_is_asked_for_there_is_a_list(staff: Client, owner: Person, address: str) -> None:
    assert staff.get(address, follow=True).status_code == 200


@pytest.mark.parametrize("address", NUL)
def test_a_nul_character_is_refused_wherever_it_is_in_an_address(staff: Client, owner: Person, address: str) -> None:
    assert staff.get(address).status_code == 400


def test_a_nul_character_in_the_id_of_a_person_is_refused(staff: Client, owner: Person) -> None:
    assert staff.post(f"{TASKS}add/", {"user": "\0", "title": "Buy milk"}).status_code == 400


@pytest.mark.parametrize("path", [TASKS, OPERATORS])
@pytest.mark.parametrize("key", ["x", "\0", "1.5"])
def test_an_action_on_a_row_that_cannot_exist_is_refused(staff: Client, path: str, key: str) -> None:
    action = "complete" if path == TASKS else "delete_selected"

    assert staff.post(path, {"action": action, "_selected_action": key}).status_code == 400


def test_an_action_on_a_row_that_does_not_exist_changes_nothing(staff: Client, owner: Person) -> None:
    page = staff.post(TASKS, {"action": "complete", "_selected_action": "99999999999999999999"}, follow=True)

    assert "None of the 0 selected tasks would change." in page.content.decode()


@pytest.mark.parametrize("page", ["change", "history", "undo", "errands/ban", "errands/export", "errands/nothing"])
def test_who_may_see_nobody_learns_nothing_of_who_exists(owner: Person, page: str) -> None:
    nobody, task = operator("Nobody"), owner.has_task()["id"]
    assert User.objects.filter(pk="owner").exists()

    assert len({nobody.get(f"{USERS}{user_id}/{page}/").status_code for user_id in ("owner", "nobody")}) == 1
    assert len({nobody.get(f"{TASKS}{number}/{page}/").status_code for number in (task, task + 1)}) == 1


@pytest.mark.parametrize(
    ("page", "form"),
    [
        (f"{USERS}owner/errands/block/", {"reason": "a\0b"}),
        (f"{USERS}owner/errands/move/", {"target": "\0"}),
        (f"{OPERATORS}add/", {"username": "a\0b", "usable_password": "false"}),
        (f"{GROUPS}add/", {"name": "a\0b", "permissions": "\0"}),
    ],
)
def test_a_form_says_where_the_nul_character_is(staff: Client, owner: Person, page: str, form: dict[str, str]) -> None:
    response = staff.post(page, form)

    assert response.status_code == 200
    assert "Null characters are not allowed." in response.content.decode()

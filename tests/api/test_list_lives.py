"""A list that begins again, erased or put back from a backup, is not taken for what it was under an old tag."""

from accounts.models import User
from tasks.models import TaskList
from tests.support.backups import Backup
from tests.support.people import Answer, Person


def assert_no_false_304(owner: Person, seen: dict[str, bytes]) -> None:
    """Whoever holds an old answer is not told that it is still right, where it is not."""
    now = owner.get(owner.tasks).content
    for tag, content in seen.items():
        if owner.get(owner.tasks, if_none_match=tag).status == 304:
            assert content == now


def test_a_user_who_was_erased_and_comes_again_gets_no_304_for_the_old_list(owner: Person) -> None:
    seen = {owner.get(owner.tasks).headers["ETag"]: b"[]"}
    for life in range(3):
        for number in range(3):
            owner.has_task(f"{life} {number}")
            answer = owner.get(owner.tasks)
            assert_no_false_304(owner, seen)
            seen[answer.headers["ETag"]] = answer.content
        User.objects.filter(pk="owner").delete()
        assert_no_false_304(owner, seen)
        assert owner.get(owner.tasks).json == []


def test_a_list_that_begins_again_is_another_also_if_the_clock_was_set_back(owner: Person) -> None:
    owner.has_task("first life")
    tag = owner.get(owner.tasks).headers["ETag"]
    first = TaskList.objects.get(pk="owner")

    User.objects.filter(pk="owner").delete()
    owner.has_task("second life")
    TaskList.objects.filter(pk="owner", revision=first.revision).update(changed_at=first.changed_at)

    assert TaskList.objects.get(pk="owner").changed_at == first.changed_at
    assert owner.get(owner.tasks, if_none_match=tag).json[0]["title"] == "second life"


def test_after_a_backup_was_restored_no_tag_of_the_lost_days_is_304(owner: Person) -> None:
    task = owner.has_task("before")
    backup = Backup()
    seen: dict[str, bytes] = {}

    def note(answer: Answer) -> None:
        seen[answer.headers["ETag"]] = answer.content

    for day in range(3):
        note(owner.get(owner.tasks))
        for number in range(4):
            owner.put(owner.path(task), {"title": f"{day} {number}"})
            assert_no_false_304(owner, seen)
            note(owner.get(owner.tasks))
        backup.put_back()
        assert [listed["title"] for listed in owner.get(owner.tasks).json] == ["before"]
        assert_no_false_304(owner, seen)

    assert len(seen) == 1 + 3 * 4

"""A client that keeps a copy of its list by the changes feed, as the documentation tells it to."""

from typing import Self
from urllib.parse import urlencode

from tests.support.people import Answer, Person, TaskJSON

EXPIRED = (410, "REVISION_EXPIRED")


class Copy:
    """The tasks that the answers have told of, by id, and the revision that they came to."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.tasks: dict[int, TaskJSON] = {}
        self.revision: str | None = None

    def ask(self, **query: object) -> Answer:
        """The answer to what comes after this copy, which stays as it is."""
        if self.revision is not None:
            query["since"] = self.revision
        return self.person.get(f"{self.person.tasks}/changes?{urlencode(query)}")

    def take(self, answer: Answer) -> bool:
        """Take one page into the copy; whether there is more."""
        assert answer.status == 200, answer.content
        page = answer.json
        assert list(page) == ["changes", "revision", "more"]
        for change in page["changes"]:
            match change:
                case {"op": "upsert", "task": task, **rest} if not rest:
                    self.tasks[task["id"]] = task
                case {"op": "delete", "id": task_id, **rest} if not rest:
                    self.tasks.pop(task_id, None)
                case _:
                    raise AssertionError(change)
        self.revision = page["revision"]
        more: bool = page["more"]
        return more

    def follow(self, limit: int = 200) -> Self:
        """Take all that there is, `limit` changes at a time. After 410 the copy is dropped, and starts again."""
        while True:
            answer = self.ask(limit=limit)
            if answer.status == 410:
                assert answer.error == EXPIRED
                self.tasks, self.revision = {}, None
            elif not self.take(answer):
                return self

    def is_the_list(self) -> bool:
        """Whether the copy is the user's list, task by task and field by field."""
        return self.tasks == {task["id"]: task for task in self.person.get(self.person.tasks).json}


def told(copy: Copy, **query: object) -> list[str]:
    """The changes after `copy`, in short: `+title` for an upsert, `-id` for a delete."""
    return [
        f"+{change['task']['title']}" if change["op"] == "upsert" else f"-{change['id']}"
        for change in copy.ask(**query).json["changes"]
    ]

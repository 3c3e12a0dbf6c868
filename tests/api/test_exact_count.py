"""`Prefer: count=exact` (RFC 7240) tells how many tasks match, on all pages."""

import pytest

from tests.support.paging import has_many_tasks, pages
from tests.support.people import Answer, Person

# A server hands several headers over as one, with commas between them.
ASKS = [
    "count=exact",
    "Count=exact",
    'count="exact"',
    'count\t=\t"exact"',
    " count=exact ",
    "return=minimal, count=exact",
    "respond-async,wait=100,count=exact",
    ",, count=exact ,",
    "count=exact; strict",
    'count=exact ; note="a; c"',
    'note="a, b", count=exact',
    "handling=lenient; x=y, count=exact",
    "count=exact, count=exact",
]
ASKS_NOT = [
    "",
    "count",
    "count=",
    'count=""',
    "count=planned",
    "count=exactly",
    "count=exact=exact",
    "counts=exact",
    "x-count=exact",
    "return=count=exact",
    "foo bar count=exact",
    'note="count=exact"',
    "foo; count=exact",
    "count; exact",
    "\xff=exact",
    "count:exact",
    '"' * 4000,
    ",=; " * 2000,
]


def is_counted(answer: Answer) -> bool:
    """Whether the count was asked for, understood and told."""
    told = {name for name in ("X-Total-Count", "Preference-Applied") if name in answer.headers}
    assert "prefer" in answer.headers["Vary"].lower()
    assert not told or answer.headers["Preference-Applied"] == "count=exact"
    assert len(told) in {0, 2}
    return bool(told)


@pytest.mark.parametrize("prefer", ASKS)
def test_the_count_is_reported_if_it_is_preferred(owner: Person, prefer: str) -> None:
    assert is_counted(owner.get(owner.tasks, prefer=prefer))


@pytest.mark.parametrize("prefer", ASKS_NOT, ids=lambda prefer: ascii(prefer[:30]))
def test_other_and_malformed_preferences_are_ignored(owner: Person, prefer: str) -> None:
    answer = owner.get(owner.tasks, prefer=prefer)

    assert answer.status == 200
    assert not is_counted(answer)
    assert not is_counted(owner.get(owner.tasks))


@pytest.mark.parametrize(
    "query",
    [
        "",
        *("status=all", "status=pending", "status=completed", "status=deleted"),
        *("q=b", "q=zzz", "tag=home", "tag=home&tag=a,b", "priority=high"),
        *("due_before=2026-12-02", "due_after=2026-12-02", "q=b&status=pending&tag=home"),
    ],
)
def test_the_count_is_that_of_all_pages_on_each_of_them(owner: Person, stranger: Person, query: str) -> None:
    has_many_tasks(owner, 40)
    has_many_tasks(stranger, 3)
    whole = owner.get(f"{owner.tasks}?{query}", prefer="count=exact")
    total = str(len(whole.json))

    assert whole.headers["X-Total-Count"] == total
    for page in pages(owner, f"?{query}&limit=7&sort=due_date", prefer="count=exact"):
        assert page.headers["X-Total-Count"] == total


def test_a_user_without_tasks_has_none(owner: Person) -> None:
    for query in ("", "?limit=1"):
        assert owner.get(owner.tasks + query, prefer="count=exact").headers["X-Total-Count"] == "0"


def test_a_304_counts_nothing(owner: Person) -> None:
    tag = owner.get(owner.tasks, prefer="count=exact").headers["ETag"]

    answer = owner.get(owner.tasks, prefer="count=exact", if_none_match=tag)

    assert answer.status == 304
    assert "X-Total-Count" not in answer.headers
    assert "prefer" in answer.headers["Vary"].lower()

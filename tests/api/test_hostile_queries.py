"""Hostile queries of a list: none is a fault of ours, none reads another user's tasks, none changes anything."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tasks.serializers import ListQuerySerializer
from tasks.sorting import SORTS
from tests.support.paging import has_many_tasks, walk
from tests.support.people import Answer, Person, TaskJSON

LONG = 60_000

TEXTS = [
    "' OR 1=1 --",
    "'; DROP TABLE tasks; --",
    "\\'; SELECT pg_sleep(9); --",
    '" OR ""="',
    "$$; $1 $2 $tag$",
    "%s %(user_id)s %(q)s %% %",
    "{0} {user_id} {}",
    "{owner,NULL}",
    "E'\\x00'",
    "/* */ -- #",
    "\\",
    "%",
    "_",
    "%%%___\\\\",
    "(((((",
    ".*+?[a-z]{1,9999}",
    "__class__",
    "\x01\x02\x1b[31m\x7f\x85",
    "\r\nSet-Cookie: a=b",
    "\u202e\u200b\ufeff\u2028\u2029",
    "\ufffe\uffff\U0010ffff",
    "e\u0301" * 100,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0130\u0131\u017f\u212a\u00df",
    "9" * 5000,
    "-" + "9" * 5000,
    "0" * 5000,
    "x" * LONG,
    "日" * 5000,
    "\0",
    "[]",
    "null",
    "true",
    "1e308",
    "2026-11-20T00:00:00Z",
    "infinity",
    "4714-11-24 BC",
]
RAW = [
    "&" * LONG,
    "=" * LONG,
    "&".join(f"tag={number}" for number in range(999)),
    "&".join(["tag=home"] * 999),
    "&".join(["tag=home"] * 5000),
    "&".join(f"x{number}=1" for number in range(5000)),
    "q=" + "%00" * 100,
    "q=%",
    "q=%zz&tag=%",
    "q=%FF%FE&tag=%C0%80",
    "q=%ED%A0%80&tag=%ED%BF%BF&cursor=%F4%90%80%80",
    "limit=1&cursor=" + "A" * LONG,
    "limit=1&cursor=" + "%ED%A0%80",
    "q[]=x&tag[0]=x&sort[$ne]=1",
    "sort=title;order=desc",
    "?sort=title",
    "#",
    "\xff\xfe",
]

LIST_PARAMETERS: list[str] = list(ListQuerySerializer().get_fields())


def queries() -> Iterator[str]:
    """Every parameter with every hostile text, and what is not a query at all."""
    for name in LIST_PARAMETERS:
        for text in TEXTS:
            yield urlencode({name: text})
            yield urlencode({"limit": "1", "sort": "title"} | {name: text})
    yield from RAW


def is_no_fault(answer: Answer) -> bool:
    """Whether it is an answer of the contract, and tells nothing of another's."""
    return answer.status in {200, 400, 422} and b"Two litres" not in answer.content


def test_no_hostile_query_is_a_fault_or_reads_anothers_tasks(stranger: Person, kept_task: TaskJSON) -> None:
    faults = [query[:80] for query in queries() if not is_no_fault(stranger.get(f"{stranger.tasks}?{query}"))]

    assert faults == []


@pytest.mark.parametrize("text", [text for text in TEXTS if 0 < len(text) <= 200 and "\0" not in text], ids=ascii)
def test_a_hostile_text_is_found_and_paged_as_any_other(owner: Person, text: str) -> None:
    for title in (f"x{text[:190]}y", f"X{text[:190]}Y", "other"):
        owner.has_task(title)

    asked = f"?sort=title&limit=1&q={quote('x' + text[:190])}"

    assert [task["title"] for task in walk(owner, asked)] == [f"x{text[:190]}y", f"X{text[:190]}Y"]


def test_thousands_of_parameters_are_refused_before_anything_is_done_with_them(owner: Person) -> None:
    many = "&".join(["tag=home"] * 1001)

    assert owner.get(f"{owner.tasks}?{many}").error == (400, "PARSE_ERROR")
    assert owner.get(f"{owner.tasks}?{'&'.join(['tag=home'] * 1000)}").status == 200


pairs = st.lists(
    st.tuples(
        st.sampled_from([*LIST_PARAMETERS, "x"]),
        st.sampled_from(["asc", "desc", "all", "deleted", "high", "1", "200", "2026-11-20", *SORTS])
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ),
    max_size=6,
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(pairs)
def test_no_combination_of_parameters_is_a_fault(owner: Person, asked: list[tuple[str, str]]) -> None:
    answer = owner.get(f"{owner.tasks}?{urlencode(asked)}", prefer="count=exact", if_none_match='"x"')

    assert answer.status in {200, 422}, asked


def test_no_hostile_condition_or_preference_is_a_fault(owner: Person) -> None:
    has_many_tasks(owner, 3)
    tags = [
        '"' + "x" * 8000 + '"',
        ", ".join(['"x"'] * 2000),
        "," * 8000,
        " " * 8000,
        '"\xff\xfe"',
        '"\\"',
        "W/" * 4000,
    ]
    tags += ['"' * 8000, '"x",' * 2000 + "x", '"*"', "'; DROP TABLE tasks; --", '"{}"', '"NULL", "0-"']

    for tag in tags:
        for query in ("", "?limit=1"):
            assert owner.get(owner.tasks + query, if_none_match=tag, prefer=tag).status in {200, 304, 400}, tag[:40]

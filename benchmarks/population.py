"""Who has which tasks: a thousand users who share a million, and some whose lists are of an exact length.

The id of a task tells its owner, so that a load needs no list of ids.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt

SECRET = "a-secret-of-the-benchmarks-that-is-long-enough-for-everybody"
PEOPLE = 1000
SIGNED_IN_AT = int(time.time())
LISTS = {20: 50, 100: 50, 10_000: 4}  # length of the list: how many users have such a list

# Filled in by each contender: where users and tasks are kept there.
TASKS: str = """
SELECT number AS id, md5('person ' || %(first_person)s + mod(number, %(people)s)) AS user_id,
    'Buy milk, bread and ' || number || ' other things for the week' AS title,
    CASE WHEN mod(number, 2) = 0 THEN
        'Not from the corner shop; ask whether the delivery comes before noon, else on Thursday.'
    END AS description,
    mod(number, 3) = 0 AS completed, timestamptz '2026-01-01' + number * interval '1 second' AS created_at
FROM generate_series(%(first)s::bigint, %(last)s) number
"""


def person(number: int) -> str:
    """The id of a user, 32 letters and digits as Better Auth's are."""
    return hashlib.md5(f"person {number}".encode(), usedforsecurity=False).hexdigest()


def token(number: int) -> str:
    """The user's token, as Better Auth's documents mint one for an API: HS256 under the shared secret.

    They have the same one for the whole measurement: users ask many times with a token, and not twice.
    """
    claims = {"sub": person(number), "email": f"{person(number)}@example.com", "name": f"Person {number}"}
    return jwt.encode({**claims, "iat": SIGNED_IN_AT, "exp": SIGNED_IN_AT + 86_400}, SECRET, "HS256")


@dataclass(frozen=True)
class Group:
    """Users whose tasks have the ids from `first` to `last`, dealt out in turn."""

    first_person: int
    people: int
    first: int
    last: int

    @property
    def rounds(self) -> int:
        """How many tasks of each are never deleted by a load: the first half."""
        return (self.last + 1 - self.first) // self.people // 2

    def owner_of(self, task: int) -> int:
        """The number of the user whose task it is."""
        return self.first_person + task % self.people


@dataclass(frozen=True)
class Population:
    """Everybody, and `tasks` tasks of the thousand users besides the lists of exact length."""

    tasks: int
    people: int = PEOPLE
    lists: Mapping[int, int] = field(default_factory=lambda: LISTS)

    def groups(self) -> list[Group]:
        """The thousand, then those with lists of an exact length."""
        found = [Group(0, self.people, 1, self.tasks)]
        for length, people in self.lists.items():
            before = found[-1]
            found.append(
                Group(before.first_person + before.people, people, before.last + 1, before.last + length * people)
            )
        return found

    @property
    def size(self) -> int:
        """How many users there are."""
        return sum(group.people for group in self.groups())

    def crowd(self, length: int) -> Group:
        """The users whose list has that length."""
        return self.groups()[1 + list(self.lists).index(length)]

    def with_list_of(self, length: int) -> range:
        """Their numbers; none where nobody has such a list."""
        if length not in self.lists:
            return range(0)
        crowd = self.crowd(length)
        return range(crowd.first_person, crowd.first_person + crowd.people)

"""Part A of the contract stays as it was, byte for byte: answers that were recorded before there was a part B."""

import re
from pathlib import Path

import pytest

from tests.support import recordings
from tests.support.recordings import Conversation, Message

RECORDED = recordings.read(Path(__file__).parent / "recorded" / "part_a.txt")

# Headers that are the same, or not there as before.
KEPT = {"Content-Type", "Cache-Control", "Location", "Www-Authenticate", "Retry-After", "Access-Control-Max-Age"}
KEPT |= {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"}

# Part B adds to what comes after the seven fields of a task, and to the values of these two parameters.
MORE_MEMBERS = re.compile(r'("updated_at":"[^"]*"),"[^{}]*}')
MORE_CHOICES = re.compile(r"(Must be one of: (?:all, pending, completed|created, title)), [a-z_, ]*\.")

# `detail` is for humans and may be reworded: the recorded text, and today's.
REWORDED = {"No such address.": "Not found."}


@pytest.mark.django_db
@pytest.mark.parametrize("name", RECORDED)
def test_part_a_is_answered_as_it_was_recorded(name: str) -> None:
    conversation = Conversation()

    for request, recorded in RECORDED[name]:
        answer = conversation.send(request)

        assert str(part_a(answer, recorded)) == reworded(str(recorded)), f"{name}: {request.start}"


def reworded(recorded: str) -> str:
    for before, now in REWORDED.items():
        recorded = recorded.replace(f'{{"detail":"{before}"', f'{{"detail":"{now}"')
    return recorded


def part_a(answer: Message, recorded: Message) -> Message:
    """What is left of `answer` without what part B may have added to the recorded one."""
    headers = {name: value for name, value in answer.headers.items() if name in KEPT}
    for name in recorded.headers.keys() - KEPT:
        headers[name] = without_additions(answer.headers.get(name, ""), recorded.headers[name])
    body = MORE_MEMBERS.sub(r"\1}", answer.body)
    return Message(answer.start, headers, MORE_CHOICES.sub(r"\1.", body))


def without_additions(value: str, recorded: str) -> str:
    """A header that is a list, as it was recorded, where all that was in it still is; else as it is now."""
    return recorded if set(recorded.split(", ")) <= set(value.split(", ")) else value

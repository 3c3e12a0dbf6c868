"""Conversations with the API in text files: what was sent (`> `), what was answered (`< `), each begun by a `## ` name.

What differs from run to run has a name in angle brackets: `<task 1>` is the first id that was answered, `<time 2>`
the second time. In a request `<token of owner, expired>` is one of TOKENS, `<200 of x>` a letter so many times, and
`<byte FF>` a byte that is not text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import jwt

from tests.support.environment import SECRET
from tests.support.people import Answer, Person

OTHER_SECRET = "another-secret-that-is-as-long-as-ours"
IN_2023, IN_2100 = 1_700_000_000, 4_102_444_800  # Moments that are the same in every run, as `expires_at` shows them.
OWNER: dict[str, Any] = {"sub": "owner", "email": "owner@example.com", "name": "Owner", "iat": IN_2023}
TOKENS = {
    "owner": jwt.encode({**OWNER, "exp": IN_2100}, SECRET),
    "owner, forged": jwt.encode({**OWNER, "exp": IN_2100}, OTHER_SECRET),
    "owner, expired": jwt.encode({**OWNER, "exp": IN_2023}, SECRET),
    "owner, not yet valid": jwt.encode({**OWNER, "exp": IN_2100, "nbf": IN_2100}, SECRET),
    "owner, without exp": jwt.encode(OWNER, SECRET),
    "stranger": jwt.encode({"sub": "stranger", "exp": IN_2100}, SECRET),
    "nobody": jwt.encode({"exp": IN_2100}, SECRET),
}
ANSWERED = re.compile(
    r'(?<="id":)\d+|(?<=/tasks/)\d+$|'
    r'(?:(?<="created_at":")|(?<="updated_at":"))(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)(?=")'
)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer: its first line, its headers by name, and its body."""

    start: str
    headers: dict[str, str]
    body: str

    @classmethod
    def read(cls, text: str) -> "Message":
        """The message that `text` writes down."""
        head, _, body = text.partition("\n\n")
        start, *headers = head.split("\n")
        return cls(start, dict(header.split(": ", 1) for header in headers), body)

    def __str__(self) -> str:
        head = [self.start, *(f"{name}: {value}" for name, value in sorted(self.headers.items()))]
        return "\n".join(head) + (f"\n\n{self.body}" if self.body else "")


class Conversation:
    """Requests one after the other, and the names of what was answered to them."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.client = Person("nobody").client

    def send(self, request: Message) -> Message:
        """The answer to `request`, with names for what differs from run to run."""
        method, path = self.said(request.start).decode().split(" ", 1)
        headers = {name: self.said(value).decode() for name, value in request.headers.items()}
        content_type = headers.pop("Content-Type", "")
        sent = self.client.generic(method, path, self.said(request.body), content_type=content_type, headers=headers)
        answer = Answer(sent)
        answered = {name.title(): self.named(value) for name, value in answer.headers.items()}
        return Message(str(answer.status), answered, self.named(answer.content.decode()))

    def said(self, text: str) -> bytes:
        """`text` as it is sent, with what its names stand for."""
        for answered, name in self.names.items():
            text = text.replace(name, answered)
        text = re.sub(r"<token of ([^>]*)>", lambda name: TOKENS[name[1]], text)
        text = re.sub(r"<(\d+) of (.)>", lambda times: int(times[1]) * times[2], text)
        return text.replace("<byte FF>", "\udcff").encode(errors="surrogateescape")

    def named(self, text: str) -> str:
        """`text` as it was answered, with names for what differs from run to run."""
        text = re.sub(r"(.)\1{99,}", lambda run: f"<{len(run[0])} of {run[1]}>", text)
        text = "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text)
        return ANSWERED.sub(lambda found: self.name(found[0], "moment" if found["moment"] else "task"), text)

    def name(self, answered: str, kind: str) -> str:
        """The name of an id or a time: the same for the same, and counted from 1 in the order of the answers."""
        number = sum(name.startswith(f"<{kind} ") for name in self.names.values()) + 1
        return self.names.setdefault(answered, f"<{kind} {number}>")


def read(path: Path) -> dict[str, list[tuple[Message, Message]]]:
    """The conversations in a file, by their names: requests, each with its answer."""
    _, *conversations = path.read_text(encoding="utf-8").split("\n## ")
    return {text.partition("\n")[0]: list(exchanges(text)) for text in conversations}


def exchanges(text: str) -> Iterator[tuple[Message, Message]]:
    """The requests in the text of a conversation, each with its answer."""
    said = (line for line in text.split("\n") if line.startswith((">", "<")))
    messages = [
        Message.read("\n".join(line[2:] for line in lines)) for _, lines in groupby(said, key=lambda line: line[0])
    ]
    yield from zip(messages[::2], messages[1::2], strict=True)

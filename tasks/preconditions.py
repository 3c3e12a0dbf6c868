"""Entity tags of tasks and lists over HTTP, and the conditions that requests put on them (RFC 9110, 8.8 and 13)."""

import hashlib
import re

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from tasks.task_json import MEMBERS

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
OPAQUE = re.compile(r'"([^"]*)"')
VERSION = re.compile(r"[1-9][0-9]{0,17}")


def etag_of(version: int) -> str:
    """The entity tag of a task's version: a client can build it from a row of a list."""
    return f'"{version}"'


def opaque_tags(request: Request, header: str) -> list[str] | None:
    """The tags that `header` (If-Match or If-None-Match) lists, without quotes; None where it is `*` or absent.

    A weak tag counts as the strong one: proxies that compress weaken tags. Raises ParseError for what is no tag.
    """
    value = request.headers.get(header)
    if value is None or value.strip() == "*":
        return None
    if not TAGS.fullmatch(value):
        raise ParseError(f'{header} must be entity tags such as "3", or *.')
    return OPAQUE.findall(value)


def versions_matched(request: Request) -> list[int] | None:
    """The versions that If-Match accepts; None where any will do."""
    tags = opaque_tags(request, "If-Match")
    return None if tags is None else [int(tag) for tag in tags if VERSION.fullmatch(tag)]


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names `tag`, a resource that is there: the answer to a GET is then 304."""
    if "If-None-Match" not in request.headers:
        return False
    tags = opaque_tags(request, "If-None-Match")
    return tags is None or tag.strip('"') in tags


def list_etag(state: str, *query: object) -> str:
    """The entity tag of a list in `state`, as `query` shows it and with the members that tasks have in this release."""
    return f'"{state}-{digest(query)}"'


def list_states_known(request: Request, *query: object) -> list[str] | None:
    """The states in which the caller has the list that `query` shows; None for any. Raises ParseError."""
    if "If-None-Match" not in request.headers:
        return []
    tags = opaque_tags(request, "If-None-Match")
    ending = f"-{digest(query)}"
    return None if tags is None else [tag.removesuffix(ending) for tag in tags if tag.endswith(ending)]


def digest(query: tuple[object, ...]) -> str:
    """What tells one query and one shape of the answer from another."""
    return hashlib.blake2b(repr((MEMBERS, query)).encode(), digest_size=6).hexdigest()

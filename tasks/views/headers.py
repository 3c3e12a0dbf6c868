"""Request headers: If-Match, If-None-Match (RFC 9110), Prefer (RFC 7240) and Idempotency-Key; and entity tags."""

import hashlib
import re

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from tasks.list_query import ListQuery
from tasks.operations import IdempotentRequest
from tasks.sql.fragments import FIELDS

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
OPAQUE = re.compile(r'"([^"]*)"')
# What proxies that compress add to a tag: Apache `"3-gzip"`, Jetty `"3--gzip"`, others `"3;gzip"`.
COMPRESSED = re.compile(r"[-;:+]{1,2}(?:gzip|deflate|br|zstd)$")
VERSION = re.compile(r"[1-9][0-9]{0,17}")
KEY = re.compile(r'"[\x20-\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?')


def header_of(request: Request, name: str) -> str | None:
    """Return a header, or None. `request.headers` renames all headers first, which takes a sixth of a GET."""
    value: str | None = request.META.get(f"HTTP_{name.upper().replace('-', '_')}")
    return value


def entity_tags(request: Request, header: str) -> list[str] | None:
    """Return the tags in `header` (If-Match or If-None-Match) without quotes; None if it is `*` or missing.

    A weak tag counts as a strong one, and what names a compression at its end is removed: proxies that compress change
    tags in these ways, and send them back as they have changed them. Raises ParseError.
    """
    value = header_of(request, header)
    if value is None or value.strip() == "*":
        return None
    if not TAGS.fullmatch(value):
        raise ParseError(f'{header} must be entity tags such as "3", or *.')
    return [COMPRESSED.sub("", tag) for tag in OPAQUE.findall(value)]


def versions_in_if_match(request: Request) -> list[int] | None:
    """Return the versions that If-Match accepts; None if any will do. Raises ParseError."""
    tags = entity_tags(request, "If-Match")
    return None if tags is None else [int(tag) for tag in tags if VERSION.fullmatch(tag)]


def is_not_modified(request: Request, version: int) -> bool:
    """Return whether If-None-Match names `version`. Raises ParseError."""
    if header_of(request, "If-None-Match") is None:
        return False
    tags = entity_tags(request, "If-None-Match")
    return tags is None or str(version) in tags


def prefers(request: Request, preference: str) -> bool:
    """Return whether the client sent `Prefer: <preference>`, such as `count=exact`; other preferences are ignored."""
    header = header_of(request, "Prefer")
    if header is None:
        return False
    preferences = [part.partition(";")[0].replace('"', "") for part in header.split(",")]
    return preference in ["".join(sent.split()).lower() for sent in preferences]


def wants_total(request: Request) -> bool:
    return prefers(request, "count=exact")


def is_strict(request: Request) -> bool:
    """Return whether unknown fields and parameters shall be refused: `Prefer: handling=strict` (RFC 7240, 4.4)."""
    return prefers(request, "handling=strict")


class ListETag:
    """The entity tags of a list for one query: its state, and a suffix that is a hash of the query and of FIELDS.

    The fields of a task are part of it because a release that adds one must not answer 304.
    """

    def __init__(self, query: ListQuery) -> None:
        self.suffix = "-" + hashlib.blake2b(repr((FIELDS, query)).encode(), digest_size=6).hexdigest()

    def known_states(self, request: Request) -> list[str] | None:
        """Return the states of the list that If-None-Match names; None if any state will do. Raises ParseError."""
        if header_of(request, "If-None-Match") is None:
            return []
        tags = entity_tags(request, "If-None-Match")
        if tags is None:
            return None
        return [tag.removesuffix(self.suffix) for tag in tags if tag.endswith(self.suffix)]


def idempotent_request(request: Request) -> IdempotentRequest | None:
    """Return the Idempotency-Key, without the quotes of RFC 8941, and the hash of the body. Raises ParseError."""
    value = header_of(request, "Idempotency-Key")
    if value is None:
        return None
    if not KEY.fullmatch(value):
        raise ParseError("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    key = value[1:-1] if value.startswith('"') else value
    return IdempotentRequest(key, hashlib.sha256(request._request.body).digest())

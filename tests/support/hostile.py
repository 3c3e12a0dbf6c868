"""Hostile tokens, paths, headers, methods and bodies, in tables."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.support.environment import SECRET
from tests.support.people import token_of

FAR = 10**18
LONG = 60_000

HEADERS_OF_TOKENS: list[dict[str, Any]] = [
    {"alg": "none"},
    {"alg": "None"},
    {"alg": ""},
    {"alg": None},
    {"alg": ["HS256"]},
    {"alg": {}},
    {"alg": "RS256"},
    {"alg": "ES256", "kid": "x"},
    {"alg": "EdDSA", "kid": "../../x"},
    {"alg": "HS256", "kid": ["x"]},
    {"alg": "HS256", "crit": ["x"]},
    {"alg": "HS256", "b64": False, "crit": ["b64"]},
    {"alg": "HS256", "jku": "http://evil.example/jwks"},
    {"alg": "HS256", "jwk": {"kty": "oct", "k": ""}},
    {"alg": "HS256", "zip": "DEF"},
    {"alg": "dir", "enc": "A256GCM"},
    {},
]


def part(value: object) -> str:
    """A part of a JWT."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def tokens() -> Iterator[str]:
    """Tokens that say they are the owner's and are not to be believed, or are somebody's with a name like it."""
    good = token_of("owner")
    header, claims, signature = good.split(".")
    for made_up in HEADERS_OF_TOKENS:
        yield f"{part(made_up)}.{claims}.{signature}"
        yield f"{part(made_up)}.{claims}."
    no_claims: list[object] = [[], "x", None, 5, {}, b"\xff", b"{", b"[" * 9000]
    for made_up_claims in no_claims:
        yield f"{header}.{part(made_up_claims)}.{signature}"
    yield from (good[:-1], good + "x", good + "=", good + ".x", good + "\0", good[::-1], good.upper(), f'"{good}"')
    yield from (f"{header}.{claims}", f"{header}..{signature}", f"..{signature}", "..", ".", "\xff.\xff.\xff")
    yield from ("x" * LONG, "null", "undefined", "[object Object]")
    yield from (token_of("owner", exp=exp) for exp in (0, -1, FAR, -FAR, 1e308, True, False))
    yield from (token_of("owner", iat=FAR), token_of("owner", nbf=FAR))
    yield from (token_of("owner", secret=secret) for secret in (SECRET + " ", SECRET[:-1] + "x", SECRET.upper()))
    yield from (token_of(sub) for sub in ("", " owner", "owner ", "owner\0", "\0", "x" * 300, "Owner", "own\u00ader"))


def paths(task_id: int) -> Iterator[str]:
    """Paths, already decoded as a server hands them over, that try to come to the owner's tasks."""
    for owner in ("Owner", "owner ", " owner", "owner\0", "owner\n", "owner.", "owner;", "\uff4fwner", "%6fwner"):
        yield f"/api/{owner}/tasks"
        yield f"/api/{owner}/tasks/{task_id}"
    for climb in ("..", ".", "%2e%2e", "..;", "\\..", "..%2f", "..\\", "*", "stranger|owner", "owner,stranger"):
        yield f"/api/{climb}/tasks"
        yield f"/api/stranger/{climb}/owner/tasks"
        yield f"/api/stranger/tasks/{climb}/owner/tasks/{task_id}"
    for task in ("{}", "0{}", "+{}", "-{}", "{} ", "{}\0", "{}.0", "{}' OR 1=1", "{}/..", "0/../{}"):
        yield f"/api/stranger/tasks/{task.format(task_id)}"
        yield f"/api/stranger/tasks/{task.format(task_id)}/complete"
    yield from ("//api/owner/tasks", "/api//owner/tasks", "/./api/owner/tasks", "/API/owner/tasks")
    yield from ("/api/owner/tasks?", "/api/owner/tasks#", "/api/\u202eowner/tasks", "/%", "/%zz", "/\r\n", "", "*")
    yield from ("\xff", "/\xff\xfe", "/" * 5000, f"/api/{'x' * LONG}/tasks", f"/api/stranger/tasks/{'9' * LONG}")
    yield from (
        "/static/../manage.py",
        "/static/..%2f.env",
        "/static//etc/passwd",
        "/static/\0",
        "/.env",
        "/.git/config",
    )


HEADERS: list[dict[str, str]] = [
    {"x_user_id": "owner"},
    {"x_forwarded_user": "owner"},
    {"remote_user": "owner"},
    {"x_http_method_override": "DELETE"},
    {"x_forwarded_host": "evil.example"},
    {"x_forwarded_proto": "https"},
    {"x_original_url": "/api/owner/tasks"},
    {"x_rewrite_url": "/api/owner/tasks"},
    {"forwarded": "host=evil.example"},
    {"host": "evil.example"},
    {"host": "\xff"},
    {"host": "localhost:99999999"},
    {"host": "[::1]:x"},
    {"cookie": "sessionid=x; csrftoken=\xff; =; ;;"},
    {"cookie": "better-auth.session_token=owner.x"},
    {"cookie": "x=" + "y" * LONG},
    {"accept": "\xff/\xff;q=x"},
    {"accept": "text/html," * 5000},
    {"accept_language": "x" * 5000},
    {"accept_encoding": "gzip;q=x, br, *"},
    {"content_encoding": "gzip"},
    {"content_length": "0"},
    {"content_type": "application/json; charset=\xff"},
    {"content_type": 'multipart/form-data; boundary="' + "x" * 300},
    {"content_type": "application/json; charset=utf-7"},
    {"transfer_encoding": "identity"},
    {"transfer_encoding": "\xff, chunked"},
    {"range": "bytes=0-" + "9" * 50},
    {"if_match": '"' * 5000},
    {"if_none_match": "*"},
    {"if_modified_since": "\xff"},
    {"idempotency_key": "\xff" * 500},
    {"prefer": "count=exact; \xff"},
    {"origin": "http://["},
    {"origin": "\xff://\xff"},
    {"referer": "\xff"},
    {"x_request_id": "\n\n" * 5000},
    {"expect": "100-continue"},
    {"upgrade": "websocket"},
    {"authorization": "Bearer"},
    {"authorization": "Bearer "},
    {"authorization": "bearer\t\xff"},
    {"authorization": "Basic b3duZXI6eA=="},
    {"authorization": "Digest username=owner"},
    {"authorization": "Bearer owner"},
    {"authorization": "\xff"},
    {"authorization": "," * 5000},
    {"authorization": ""},
]

METHODS = ["TRACE", "CONNECT", "PROPFIND", "get", "X" * 5000, "\xff", "G E T", "", "HEAD", "OPTIONS", "DISPATCH"]

NUMBERS: list[Any] = [0, -1, 1e308, 10**400]
VALUES: list[Any] = [*NUMBERS, None, True, "", "\0", "\ud800", "x" * 70_000, [], {}, [[]], {"$ne": 1}, {"": ""}]


def bodies(task_id: int) -> Iterator[bytes]:
    """Bodies that try to break the reader, or to reach the owner's task."""
    for member in ("title", "description", "completed", "id", "user_id", "user", "__class__", "pk"):
        yield from (json.dumps({"title": "x", member: value}).encode() for value in VALUES)
    yield json.dumps({"title": "x", "id": task_id, "pk": task_id, "user_id": "owner", "user": "owner"}).encode()
    yield from (b"[" * 200_000, b'{"title":' * 7000, b'{"title": "x"}' * 2, b"\xff" * 64, b"\0" * 64, b"null", b"NaN")
    yield from (b'{"title": %s%s}' % (before, b"9" * LONG) for before in (b"", b"-", b"1e", b"1e-", b"0."))
    yield from (b'{"title": "\\u', b'"\\ud800"', b"-", b'{"title": "x"', b'{"title"}')
    yield b'{"title": "x", "title": {"title": "x"}, "\\ud800": 1, "' + b"k" * LONG + b'": 1}'

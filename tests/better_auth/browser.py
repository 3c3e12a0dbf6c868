"""A browser, as far as Better Auth cares: requests from one origin, and a jar of cookies."""

import http.client
import json
from copy import copy
from dataclasses import dataclass
from email.message import Message
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from tests.better_auth.project import LabError

ANSWER_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What came back."""

    asked: str
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def ok(self) -> Self:
        """The answer itself, if it is 200. Raises LabError: it is not, with what it said."""
        if self.status != 200:
            raise LabError(f"{self.asked} answered {self.status}: {self.body.decode(errors='replace')[:1000]}")
        return self


class Browser:
    """Sends requests to the server at `url`, from pages of `origin`; keeps what it is given."""

    def __init__(self, url: str, origin: str) -> None:
        self.url = url
        self.origin = origin
        self.cookies: dict[str, str] = {}
        """As they travel, percent-encoded; Secure ones too, though the loopback has no TLS."""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send `body` as JSON, and keep the cookies of the answer; redirects are not followed."""
        sent = {"Origin": self.origin, **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            answer = Answer(f"{method} {path}", response.status, response.headers, response.read())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.keep(cookie)
        return answer

    def keep(self, set_cookie: str) -> None:
        """Do what a Set-Cookie header says; those of the tests end at once or outlive the test."""
        pair, *attributes = set_cookie.split(";")
        name, _, value = pair.partition("=")
        if any(attribute.strip().lower() == "max-age=0" for attribute in attributes):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST; Better Auth wants a JSON object, be it empty."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def cookie(self, name: str) -> str:
        """The value of Better Auth's cookie `name`, decoded, whatever stands before its name; its pieces put together.

        Raises LabError: there is none.
        """
        values = {full: value for full, value in self.cookies.items() if full.endswith(f".{name}")}
        # A value of more than 4 kB comes in pieces: session_data.0, session_data.1, …
        pieces = {full: value for full, value in self.cookies.items() if f".{name}." in full}
        if not values and not pieces:
            raise LabError(f"no cookie {name}, only {sorted(self.cookies)}")
        in_order = sorted(pieces, key=lambda full: int(full.rpartition(".")[2]))
        return unquote(next(iter(values.values()), "") or "".join(pieces[full] for full in in_order))

    def twin(self) -> Self:
        """A browser with the same cookies: what somebody has who copied them, and goes on when this one signs out."""
        twin = copy(self)
        twin.cookies = dict(self.cookies)
        return twin

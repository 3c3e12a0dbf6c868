"""Reads settings from the environment and collects every problem, so that all of them are reported at once."""

import json
import os
import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from accounts.origins import is_pattern

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class Env:
    """The variables of the process, then those of a `.env` file. An empty variable counts as not set.

    A variable that cannot be read is recorded as a problem, and its default is returned.
    """

    def __init__(self, dotenv: Path) -> None:
        load_dotenv(dotenv, override=False)
        self.problems: list[str] = []

    def problem(self, name: str, wrong: str, remedy: str) -> None:
        self.problems.append(f"{name} {wrong}. {remedy}")

    def raise_problems(self) -> None:
        """Raise ImproperlyConfigured with every problem recorded so far, if there are any."""
        if self.problems:
            listed = "\n".join(f"  - {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"Invalid configuration:\n{listed}")

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        value = self.str(name, default)
        if value in choices:
            return value
        self.problem(name, f"is {value!r}", f"Set it to one of {', '.join(choices)}.")
        return default

    def url(self, name: str, *, keep_slash: bool = False) -> str:
        """Return an http or https URL, without its trailing slash unless it must be kept, or an empty string."""
        value = self.str(name) if keep_slash else self.str(name).rstrip("/")
        if value and not is_url(value):
            self.problem(
                name,
                f"is {without_password(value)!r}, which is not a URL",
                "Set it to a URL such as https://app.example.com.",
            )
            return ""
        return value

    def versioned_secrets(self, name: str) -> dict[str, str]:
        """Return the secrets of Better Auth's format `2:new,1:old` by version; the first is the current one."""
        pairs = [item.strip().partition(":") for item in self.str(name).split(",")]
        if not all(version.isascii() and version.isdigit() and value for version, _, value in pairs):
            self.problem(
                name, "is not a list of versioned secrets", f"Use Better Auth's format, for example {name}=2:new,1:old"
            )
            return {}
        return {version: value for version, _, value in pairs}

    def origins(self, name: str, default: Collection[str] = (), *, may_be_patterns: bool = False) -> list[str]:
        """Return web origins (scheme://host[:port]). A trailing slash is allowed; a path or `*` is a problem.

        may_be_patterns: whether an origin can be a pattern such as https://*.preview.example.com.
        """
        origins = [item.rstrip("/") for item in self.list(name, default)]
        for origin in origins:
            if may_be_patterns and "*" in origin:
                self.check_pattern(name, origin)
            elif not is_origin(origin):
                self.problem(
                    name,
                    f"contains {without_password(origin)!r}, which is not an origin",
                    "List origins such as https://app.example.com, without a path. "
                    "Browsers do not accept * together with credentials.",
                )
        return origins

    def parties(self, name: str, default: Collection[str] = ()) -> list[str]:
        """Return issuers or audiences. One that contains `*` must be a pattern."""
        parties = self.list(name, default)
        for party in parties:
            if "*" in party:
                self.check_pattern(name, party)
        return parties

    def check_pattern(self, name: str, pattern: str) -> None:
        if not is_pattern(pattern):
            self.problem(
                name,
                f"contains {without_password(pattern)!r}, which would accept hosts of other people, or is no pattern",
                "Write https://*. and a domain that is yours alone, such as https://*.preview.example.com.",
            )

    # The methods below have the names of built-in types. They come last, because the annotations of any method
    # after them would mean the method and not the type.

    def list(self, name: str, default: Collection[str] = ()) -> list[str]:
        """Return a comma-separated list (`a,b`) or a JSON list (`["a", "b"]`): deployments use both formats."""
        value = self.str(name)
        if not value:
            return list(default)
        if not value.startswith("["):
            return [item.strip() for item in value.split(",") if item.strip()]
        try:
            items = json.loads(value)
        except ValueError:
            items = None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.problem(name, "is not a JSON list of strings", f'Write {name}=a,b or {name}=["a", "b"].')
            return list(default)
        return [item.strip() for item in items if item.strip()]

    def bool(self, name: str, *, default: bool) -> bool:
        value = self.str(name).lower()
        if value and value not in BOOLEANS:
            self.problem(name, f"is {value!r}, which is neither true nor false", f"Set {name}=true or {name}=false.")
        return BOOLEANS.get(value, default)

    def int(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        value = self.str(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) < 19 and minimum <= int(value) <= maximum:
            return int(value)
        self.problem(name, f"is {value!r}", f"Set it to a whole number from {minimum} to {maximum}.")
        return default

    def str(self, name: str, default: str = "") -> str:
        return os.environ.get(name, "").strip() or default


def is_url(text: str) -> bool:
    """Return whether `text` begins with an origin."""
    try:
        return is_origin("{0.scheme}://{0.netloc}".format(urlsplit(text)))
    except ValueError:
        return False


def is_origin(text: str) -> bool:
    """Return whether `text` is scheme://host[:port] of http or https, as browsers send it (RFC 6454, section 6)."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  reading the property validates it: it raises ValueError if it is not a number
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "*" not in text
        and text == f"{parts.scheme}://{parts.netloc}"
        and "@" not in parts.netloc
        and text == text.lower()
    )


def without_password(url: str) -> str:
    """Return `url` as a message may show it: without what stands before an @."""
    return re.sub(r"^(\w*:?/*).*@", r"\1…@", url)

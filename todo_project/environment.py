"""Reads settings from the environment and collects everything that is wrong, to report it at once."""

import json
import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class Environment:
    """The variables of the process, with those of a `.env` file below them.

    An empty variable counts as one that is not set. What cannot be read is noted as a problem and the
    default is returned, so that one start names every wrong variable; `stop_if_wrong` then raises.
    """

    def __init__(self, dotenv: Path) -> None:
        load_dotenv(dotenv, override=False)
        self.problems: list[str] = []

    def problem(self, name: str, wrong: str, remedy: str) -> None:
        """Note that the variable `name` is `wrong`, and what to do about it."""
        self.problems.append(f"{name} {wrong}. {remedy}")

    def text(self, name: str, default: str = "") -> str:
        """The variable without surrounding white space."""
        return os.environ.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false, in any of the usual spellings."""
        value = self.text(name).lower()
        if value and value not in FLAGS:
            self.problem(name, f"is {value!r}, which is neither true nor false", f"Set {name}=true or {name}=false.")
        return FLAGS.get(value, default)

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """A whole number from `minimum` to `maximum`."""
        value = self.text(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) < 19 and minimum <= int(value) <= maximum:
            return int(value)
        self.problem(name, f"is {value!r}", f"Set it to a whole number from {minimum} to {maximum}.")
        return default

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """One of `choices`."""
        value = self.text(name, default)
        if value in choices:
            return value
        self.problem(name, f"is {value!r}", f"Set it to one of {', '.join(choices)}.")
        return default

    def listing(self, name: str, default: Collection[str] = ()) -> list[str]:
        """A comma list (`a,b`) or a JSON list (`["a", "b"]`): both spellings are in use for the same names."""
        value = self.text(name)
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

    def url(self, name: str) -> str:
        """An address of http or https, without its trailing slash; empty where there is none."""
        value = self.text(name).rstrip("/")
        if value and not is_address(value):
            self.problem(name, f"is {value!r}", "Set it to an address such as https://app.example.com.")
            return ""
        return value

    def versioned(self, name: str) -> list[str]:
        """The values of Better Auth's list form, `2:new,1:old`, in its order: the first is the current one."""
        pairs = [item.strip().partition(":") for item in self.text(name).split(",")]
        if not all(version.isascii() and version.isdigit() and value for version, _, value in pairs):
            self.problem(name, "is no list of versioned secrets", f"Write it as Better Auth does: {name}=2:new,1:old")
            return []
        return [value for _, _, value in pairs]

    def origins(self, name: str, default: Collection[str] = ()) -> list[str]:
        """Web origins (scheme://host[:port]); a trailing slash is forgiven, a path or `*` is not."""
        origins = [item.rstrip("/") for item in self.listing(name, default)]
        for origin in origins:
            if not is_origin(origin):
                self.problem(
                    name,
                    f"names {origin!r}, which is no origin",
                    "List origins such as https://app.example.com, without a path; * does not hold with credentials.",
                )
        return origins

    def stop_if_wrong(self) -> None:
        """Raise ImproperlyConfigured naming every problem noted so far, if there is one."""
        if self.problems:
            listed = "\n".join(f"  - {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The settings stop the start:\n{listed}")


def is_address(text: str) -> bool:
    """Whether `text` is an origin, or an address under one."""
    try:
        return is_origin("{0.scheme}://{0.netloc}".format(urlsplit(text)))
    except ValueError:
        return False


def is_origin(text: str) -> bool:
    """Whether `text` is scheme://host[:port] of http or https, as browsers write it (RFC 6454, section 6)."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  reading it is what checks it: a port that is no number raises ValueError.
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

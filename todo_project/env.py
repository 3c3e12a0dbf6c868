"""Reads settings from the environment and collects every problem, so that all of them are reported at once."""

import ipaddress
import json
import os
import re
import socket
from collections.abc import Collection
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from accounts.origins import is_pattern
from todo_project.allowances import Rate
from todo_project.env_file import UnreadableFileError, load_env_file
from todo_project.origins import WEB, host_of, is_browser_origin, is_host, is_url, without_password

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}

RATE = re.compile(r"([1-9][0-9]{0,6})/(s|min|h)")
HEADER_NAME = re.compile(r"[a-z0-9-]+")
IPV6 = re.compile(r"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]")
PATH = re.compile(r"([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*)?")

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Env:
    """The variables of the process, then those of a `.env` file. An empty variable counts as not set.

    A variable that cannot be read is recorded as a problem, and its default is returned.
    """

    def __init__(self, dotenv: Path) -> None:
        try:
            self.problems: list[str] = load_env_file(dotenv)
        except UnreadableFileError as error:  # Without the file, every other problem would be a guess.
            raise ImproperlyConfigured(f"Invalid configuration:\n  - {error}") from error

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

    def verbatim(self, name: str) -> str:
        """Return the value with the white space around it, which belongs to a secret in Better Auth, too."""
        value = os.environ.get(name, "")
        return value if value.strip() else ""

    def versioned_secrets(self, name: str) -> dict[str, str]:
        """Return the secrets of Better Auth's format `2:new,1:old` by version; the first is the current one."""
        pairs = [[part.strip() for part in item.partition(":")] for item in self.str(name).split(",")]
        if not all(version.isascii() and version.isdigit() and value for version, _, value in pairs):
            self.problem(
                name, "is not a list of versioned secrets", f"Use Better Auth's format, for example {name}=2:new,1:old"
            )
            return {}
        return {version: value for version, _, value in pairs}

    def origins(
        self,
        name: str,
        default: Collection[str] = (),
        *,
        schemes: Collection[str] = WEB,
        may_be_patterns: bool = False,
    ) -> list[str]:
        """Return origins as browsers send them. One trailing slash is removed; any other spelling is a problem.

        may_be_patterns: whether an origin can be a pattern such as https://*.preview.example.com.
        """
        origins = [item.removesuffix("/") for item in self.list(name, default)]
        for origin in origins:
            if may_be_patterns and "*" in origin:
                self.check_pattern(name, origin)
            elif not is_browser_origin(origin, schemes):
                self.problem(
                    name,
                    f"contains {without_password(origin)!r}, which is not an origin as browsers send it",
                    "List origins such as https://app.example.com or http://localhost:3000: lower case, no path, no "
                    "default port (:443), international names in punycode (xn--…), and not *.",
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

    def hosts(self, name: str, default: Collection[str]) -> list[str]:
        """Return host names as `Host` has them; a scheme, a port, a slash and quotes are removed."""
        hosts = [host_of(part) for item in self.list(name, default) for part in item.split()]
        for host in hosts:
            if host != "*" and not is_host(host.removeprefix(".")):
                self.problem(
                    name,
                    f"contains {without_password(host)!r}, which is not a host name",
                    "List names such as api.example.com; .example.com stands for all its subdomains.",
                )
        return hosts

    def address(self, name: str, default: str) -> str:
        """Return the address of a network interface, IPv6 in brackets, or a name that resolves to one."""
        value = self.str(name, default)
        try:
            address = ipaddress.ip_address(value.removeprefix("[").removesuffix("]"))
        except ValueError:
            if is_host(value.lower()) and is_resolved(value):
                return value
            self.problem(
                name,
                f"is {value!r}, which is not an address of this machine",
                f"Set {name}=127.0.0.1, or {name}=0.0.0.0 for all interfaces; the port is in PORT.",
            )
            return default
        return f"[{address}]" if address.version == 6 else str(address)

    def networks(self, name: str, default: Collection[str]) -> list[Network]:
        """Return networks; an address is the network of itself alone. `[]` is none of them."""
        networks: list[Network] = []
        for item in self.list(name, default):
            try:
                networks.append(ipaddress.ip_network(item))
            except ValueError:
                self.problem(
                    name,
                    f"contains {item!r}, which is not a network",
                    "List networks such as 10.0.0.0/8 (and not 10.0.0.7/8) or fd00::/8, and addresses like 10.0.0.7.",
                )
        return networks

    def header_names(self, name: str) -> list[str]:
        """Return names of HTTP headers in lower case."""
        names = [item.lower() for item in self.list(name)]
        for item in names:
            if not HEADER_NAME.fullmatch(item):
                self.problem(
                    name, f"contains {item!r}, which is not the name of a header", "List names such as X-Team."
                )
        return names

    def path(self, name: str, default: str, *, reserved: Collection[str]) -> str:
        """Return a URL path without the slashes around it. Its first segment must not be a reserved one."""
        value = self.str(name, default).strip("/")
        if not PATH.fullmatch(value) or value.partition("/")[0] in reserved:
            self.problem(
                name,
                f"is {without_password(value)!r}, which is not a path that the API can have",
                f"Set it to a path such as /api, or / for none, that begins with none of {', '.join(reserved)}.",
            )
            return default.strip("/")
        return value

    # The methods below have the names of built-in types. They come last, because the annotations of any method
    # after them would mean the method and not the type.

    def list(self, name: str, default: Collection[str] = ()) -> list[str]:
        """Return a comma-separated list (`a,b`) or a JSON list (`["a", "b"]`): deployments use both formats."""
        value = self.str(name)
        if not value:
            return list(default)
        if not value.startswith("[") or IPV6.match(value):
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

    def rate(self, name: str) -> Rate | None:
        """Return a rate such as `600/min`, or None if it is not set."""
        value = self.str(name)
        if not value:
            return None
        match = RATE.fullmatch(value)
        if match is None:
            self.problem(name, f"is {value!r}", "Set it to a number and a period (s, min, h), such as 600/min.")
            return None
        return Rate(int(match[1]), {"s": 1, "min": 60, "h": 3600}[match[2]])

    def str(self, name: str, default: str = "") -> str:
        return os.environ.get(name, "").strip() or default


def is_resolved(host: str) -> bool:
    """Return whether `host` has an address. conda sets HOST to the name of a compiler, which has none."""
    try:
        return bool(socket.getaddrinfo(host, None))
    except OSError:
        return False

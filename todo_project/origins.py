"""Origins and host names as browsers send them; the settings must be spelled alike, because they are compared."""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": "80", "https": "443"}
WEB = frozenset(DEFAULT_PORTS)
# The origins of browser extensions and of native shells around a web page.
SHELLS = frozenset({"app", "capacitor", "chrome-extension", "ionic", "moz-extension", "safari-web-extension", "tauri"})

ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^\s/?#@:\[\]\\]+|\[[0-9a-f:.]+\])(:(?P<port>[1-9]\d{0,4}))?"
)
DOMAIN = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
SHELL_HOST = re.compile(r"[A-Za-z0-9._-]+")  # An extension's id; Safari writes it in capitals.


def is_browser_origin(text: str, schemes: Collection[str] = WEB) -> bool:
    """Return whether a browser sends `text` as `Origin`: scheme://host[:port] in lower case, without a default port.

    Source: https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
    """
    found = ORIGIN.fullmatch(text)
    if not found or found["scheme"] not in schemes:
        return False
    if found["scheme"] not in WEB:
        return bool(SHELL_HOST.fullmatch(found["host"])) and not found["port"]
    return (
        is_host(found["host"]) and int(found["port"] or 1) < 65_536 and found["port"] != DEFAULT_PORTS[found["scheme"]]
    )


def is_host(text: str) -> bool:
    """Return whether `text` is a host name in lower case and punycode, or an IP address, IPv6 in brackets."""
    if not text.startswith("["):
        return bool(DOMAIN.fullmatch(text))
    try:
        return text == f"[{ipaddress.IPv6Address(text[1:-1])}]"
    except ValueError:
        return False


def host_of(text: str) -> str:
    """Return the host name of `text`, which may be a URL, have a port, or be in quotes.

    >>> host_of("https://api.example.com:8000/")
    'api.example.com'
    """
    text = re.sub(r"^[a-z]+://|/$", "", text.strip("'\"").lower())
    try:
        return f"[{ipaddress.IPv6Address(text)}]"
    except ValueError:
        return re.sub(r":\d+$", "", text)


def is_url(text: str) -> bool:
    """Return whether `text` begins with scheme://host[:port] of http or https, in lower case."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  reading the property validates it: it raises ValueError if it is not a number
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return (
        parts.scheme in WEB and bool(parts.hostname) and text.startswith(origin.lower()) and not set("*@") & set(origin)
    )


def without_password(url: str) -> str:
    """Return `url` as a message may show it: without what stands before an @."""
    return re.sub(r"^(\w*:?/*).*@", r"\1…@", url)

"""Which client sent a request: the address of the connection, or what a trusted proxy says of it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# What only a neighbour can have: loopback, private, link-local, and the shared address space (RFC 6598), from which
# the edges of Railway and other platforms, and Tailscale, come.
NEIGHBOURS = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)
UNKNOWN = "unknown"

type Address = IPv4Address | IPv6Address


def address_of(request: HttpRequest) -> str:
    """Return the address of a client, for people who read a log."""
    return str(find(request) or UNKNOWN)


def counted_address_of(request: HttpRequest) -> str:
    """Return under what a client is counted. IPv6 gives each customer a /64 at least: its addresses are one client."""
    address = find(request)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or UNKNOWN)


def find(request: HttpRequest) -> Address | None:
    """Return the nearest address that is no trusted proxy, or the farthest if all are; None if a proxy names none.

    Each proxy adds at the end of `X-Forwarded-For` who called it, so what stands before the nearest stranger is only
    what that stranger says.
    """
    address = parse(request.META.get("REMOTE_ADDR", ""))
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    while forwarded.strip() and address and is_trusted(address):
        forwarded, _, nearest = forwarded.rpartition(",")
        address = parse(nearest)
    return address


def is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def parse(text: str) -> Address | None:
    """Return the address in `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1` or `[2001:db8::1]:5678`, also in quotes."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])  # A zone says which interface of the proxy, not which client.
    except ValueError:  # A socket has no address, and a client can send any text.
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address

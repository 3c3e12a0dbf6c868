"""A client is counted by its address, which a trusted proxy may tell; an IPv6 network is one client."""

from ipaddress import ip_network

import pytest
from pytest_django.fixtures import Settings

from tests.support.people import Person
from todo_project import throttles
from todo_project.allowances import Rate, SharedTable


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """The clients for whom a request was counted."""
    settings.THROTTLE_ADDRESS = Rate(600, 60)
    clients: list[str] = []
    take = SharedTable.take
    monkeypatch.setattr(throttles, "table", SharedTable())

    def noted(table: SharedTable, name: str, key: str, rate: Rate, *, cost: int = 1) -> object:
        clients.append(key)
        return take(table, name, key, rate, cost=cost)

    monkeypatch.setattr(SharedTable, "take", noted)
    return clients


def ask(direct: str, forwarded: str = "") -> int:
    """Send a request from an address, with what a proxy says."""
    nobody = Person("nobody")
    nobody.client.defaults["REMOTE_ADDR"] = direct
    return nobody.get("/", **({"x_forwarded_for": forwarded} if forwarded else {})).status


@pytest.mark.parametrize(
    ("direct", "forwarded", "client"),
    [
        ("9.9.9.9", "", "9.9.9.9"),
        ("::ffff:9.9.9.9", "", "9.9.9.9"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("fe80::1%z1", "", "fe80::/64"),
        ("", "", "unknown"),
        # What a stranger says does not count.
        ("9.9.9.9", "198.51.100.9", "9.9.9.9"),
        ("10.0.0.1", "203.0.113.66, 198.51.100.9", "198.51.100.9"),
        # Proxies.
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("100.64.0.7", "198.51.100.9", "198.51.100.9"),
        ("100.128.0.7", "198.51.100.9", "100.128.0.7"),
        ("::1", "2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "2001:db8::1", "2001:db8::/64"),
        # One proxy behind another.
        ("127.0.0.1", "203.0.113.66, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.1", "10.0.0.8"),
        # How they write it.
        ("10.0.0.1", "198.51.100.9:4711", "198.51.100.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::/64"),
        ("10.0.0.1", '"[2001:db8::1]:4711"', "2001:db8::/64"),
        ("10.0.0.1", "::ffff:198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "nonsense", "unknown"),
        ("10.0.0.1", "198.51.100.9, [", "unknown"),
    ],
)
def test_a_client_is_counted_by_its_own_address(counted: list[str], direct: str, forwarded: str, client: str) -> None:
    assert ask(direct, forwarded) == 200

    assert counted == [client]


@pytest.mark.parametrize(
    ("trusted", "direct", "client"),
    [
        (["192.0.2.0/24"], "192.0.2.1", "198.51.100.9"),
        (["192.0.2.0/24"], "10.0.0.1", "10.0.0.1"),
        (["2001:db8::7/128"], "2001:db8::7", "198.51.100.9"),
        (["2001:db8::7/128"], "2001:db8::8", "2001:db8::/64"),
        ([], "127.0.0.1", "127.0.0.1"),
    ],
)
def test_an_operator_says_who_is_a_proxy(
    counted: list[str], settings: Settings, trusted: list[str], direct: str, client: str
) -> None:
    settings.TRUSTED_PROXIES = [ip_network(network) for network in trusted]

    ask(direct, "198.51.100.9")

    assert counted == [client]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("2001:db8::1", "2001:db8::1"), ("fe80::1%z1", "fe80::1"), ("[2001:db8::1]:4711", "2001:db8::1")],
)
def test_the_log_names_the_address_itself(caplog: pytest.LogCaptureFixture, forwarded: str, address: str) -> None:
    caplog.set_level("INFO", "todo_project.refusal_log")

    assert Person("nobody").get("/api/me", x_forwarded_for=forwarded).status == 401

    assert f", from {address}." in caplog.text

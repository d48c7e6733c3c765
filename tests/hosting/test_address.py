import pytest

from tests.hosting.conversation import echo, http, play
from vmapdemo.hosting.address import OwnAddress, origin


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_an_address_is_told_as_the_network_that_one_visitor_has(host: str, expected: str) -> None:
    assert origin(host) == expected


def test_without_a_proxy_nobody_is_believed_about_the_address() -> None:
    forged = http(client="203.0.113.9") | {"headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    assert play(OwnAddress(echo), forged)[-1]["body"] == b"('127.0.0.1', 0)"
    assert play(OwnAddress(echo), http(client="192.0.2.1"))[-1]["body"] == b"('192.0.2.1', 50000)"

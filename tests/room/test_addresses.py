import pytest

from vmapdemo.room import addresses
from vmapdemo.room.addresses import qr, reachable


def test_on_a_laptop_others_are_told_the_address_in_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: "192.0.2.7")
    assert reachable("http://localhost:8501/room") == "http://192.0.2.7:8501/room"
    assert reachable("http://127.0.0.1/room") == "http://192.0.2.7/room"
    assert reachable("https://vmap.example.org/room") == "https://vmap.example.org/room"


def test_without_a_network_it_stays_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: None)
    assert reachable("http://localhost:8501") == "http://localhost:8501"


def test_this_machines_address_is_none_of_its_own() -> None:
    assert addresses.lan_address() not in addresses.LOCAL_HOSTS


def test_a_qr_code_is_a_picture_of_its_own_for_each_address() -> None:
    one, other = qr("http://192.0.2.7/room/BCDFG"), qr("http://192.0.2.7/room/BCDFH")
    assert one.startswith(b"<svg ")
    assert one != other

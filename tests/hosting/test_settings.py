from pathlib import Path

import pytest

from vmapdemo.hosting.settings import LOCAL_PAGES, Address, Settings, read


def test_nothing_is_set_by_default() -> None:
    assert read({}) == Settings(LOCAL_PAGES, None, json_logs=False, behind_proxy=False)


def test_everything_can_be_set() -> None:
    found = read(
        {
            "VMAPDEMO_FRAME_ANCESTORS": "https://courses.example.org  https://*.example.edu:8443",
            "VMAPDEMO_METRICS": "127.0.0.1:9100",
            "VMAPDEMO_LOGS": "json",
            "VMAPDEMO_LESSONS": ".",
            "FORWARDED_ALLOW_IPS": "10.0.0.0/8",
        }
    )
    ancestors = "https://courses.example.org https://*.example.edu:8443"
    assert found == Settings(
        ancestors, Address("127.0.0.1", 9100), json_logs=True, behind_proxy=True, lessons=Path(".")
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VMAPDEMO_FRAME_ANCESTORS", "courses.example.org"),
        ("VMAPDEMO_FRAME_ANCESTORS", "*"),
        ("VMAPDEMO_FRAME_ANCESTORS", "https://a.org; script-src *"),
        ("VMAPDEMO_FRAME_ANCESTORS", "https://a.org\nSet-Cookie:x"),
        ("VMAPDEMO_METRICS", "9100"),
        ("VMAPDEMO_METRICS", "127.0.0.1:0"),
        ("VMAPDEMO_METRICS", "127.0.0.1:65536"),
        ("VMAPDEMO_LOGS", "xml"),
        ("VMAPDEMO_LESSONS", "/nowhere"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_server_with_one_sentence(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        read({name: value})
    assert str(caught.value).endswith(".")


def test_an_address_may_be_of_ipv6() -> None:
    assert read({"VMAPDEMO_METRICS": "[::1]:9100"}).metrics == Address("::1", 9100)

import socket
import urllib.error
import urllib.request

import jax
import jax.numpy as jnp
import pytest

from tests.hosting.conversation import echo, frames, play, websocket
from vmapdemo.hosting import metrics
from vmapdemo.hosting.metrics import REGISTRY, Watched, served
from vmapdemo.hosting.settings import Address


def _value(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def test_a_run_is_timed_from_the_first_message_to_the_one_that_ends_it() -> None:
    before = _value("vmapdemo_run_seconds_count")
    app = Watched(echo, ends_run=lambda frame: frame.startswith(b"x"))
    sent = play(app, websocket(), frames(3))
    assert [message["type"] for message in sent[:4]] == ["websocket.accept", *["websocket.send"] * 3]
    assert _value("vmapdemo_run_seconds_count") == before + 3
    assert _value("vmapdemo_sessions") == 0


def test_metrics_are_served_at_their_own_address_and_only_for_as_long() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(Address("127.0.0.1", port)), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    for name in ("sessions", "run_seconds_bucket", "programs_compiled_total", "measurements_waiting"):
        assert f"vmapdemo_{name}" in text
    assert "process_resident_memory_bytes" in text
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics")


def test_no_address_serves_nothing() -> None:
    with served(None):
        pass


def test_compiled_programs_are_counted() -> None:
    metrics.count_programs()
    try:
        before = _value("vmapdemo_programs_compiled_total")
        jax.jit(lambda x: x * 3 + 17)(jnp.arange(7))
        assert _value("vmapdemo_programs_compiled_total") > before
    finally:
        jax.monitoring.unregister_event_duration_listener(metrics._count_program)

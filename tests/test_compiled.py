import threading
import time

import jax
import jax.numpy as jnp
import pytest

from vmapdemo import compiled
from vmapdemo.compiled import Gate, forget_programs, using_programs


def test_programs_are_dropped_and_compiled_again() -> None:
    traced = []

    @jax.jit
    def twice(x: jax.Array) -> jax.Array:
        traced.append(x.shape)
        return x * 2

    twice(jnp.ones(3))
    assert forget_programs()
    assert twice(jnp.ones(3)).tolist() == [2, 2, 2]
    assert traced == [(3,), (3,)]


def test_nothing_is_dropped_while_something_is_traced() -> None:
    inside, go_on = threading.Event(), threading.Event()

    @using_programs
    def trace() -> None:
        inside.set()
        go_on.wait(30)

    thread = threading.Thread(target=trace)
    thread.start()
    inside.wait(30)
    try:
        assert not forget_programs(patience_s=0.05)
    finally:
        go_on.set()
        thread.join()
    assert forget_programs()


def test_who_uses_them_may_ask_again_while_somebody_waits_to_drop_them() -> None:
    gate, done = Gate(), []
    gate.enter()
    waiting = threading.Thread(target=lambda: gate.alone(lambda: done.append("dropped"), 30))
    waiting.start()
    while not gate._is_closing:
        time.sleep(0.001)
    gate.enter()
    gate.leave()
    assert done == []
    gate.leave()
    waiting.join()
    assert done == ["dropped"]
    gate.enter()


def test_what_fails_lets_others_go_on() -> None:
    @using_programs
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert forget_programs(patience_s=0.0)


def test_many_threads_compile_while_programs_are_dropped_again_and_again() -> None:
    wrong: list[object] = []

    @using_programs
    def compute(size: int) -> None:
        found = jax.vmap(lambda x: jnp.dot(x, x) + size)(jnp.ones((2, size)))
        if found.tolist() != [2 * size] * 2:
            wrong.append(found)

    def compute_many(first: int) -> None:
        try:
            for size in range(first, first + 12):
                compute(size)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=compute_many, args=(1 + 3 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    dropped = 0
    while any(thread.is_alive() for thread in threads):
        dropped += forget_programs()
    assert wrong == []
    assert dropped


def test_the_size_of_the_process_is_told_in_bytes() -> None:
    size = compiled.resident_bytes()
    assert size is None or 50e6 < size < 50e9

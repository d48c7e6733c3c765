import inspect
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo import gallery, link, outcome
from vmapdemo.argument import Argument
from vmapdemo.dependence import dependence
from vmapdemo.figures.linked import picture
from vmapdemo.gallery import STRATEGY_LABELS, Entry, Formulation
from vmapdemo.link import View
from vmapdemo.scenario import Scenario


def normalised(a: jax.Array) -> jax.Array:
    return a / a.sum()


def many_normalised(a_batch: jax.Array) -> jax.Array:
    return jnp.stack([normalised(a) for a in a_batch])


def mixed(a: jax.Array, weight: jax.Array, shift: jax.Array) -> jax.Array:
    return a @ weight + shift


@pytest.fixture
def guests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Functions of one and of three arguments in the gallery."""
    loop = Formulation("loop", many_normalised, walks_examples=True)
    one = Entry(normalised, ("a_batch",), (2,), "A story.", "A mistake.", (loop,))
    three = Entry(mixed, ("a_batch", "weight", "shift"), (2, 1, 0), "A story.", "A mistake.", ())
    monkeypatch.setitem(gallery.FUNCTIONS, "normalised", one)
    monkeypatch.setitem(gallery.FUNCTIONS, "mixed", three)
    yield
    for remembered in (outcome.evaluate, outcome.explanation, outcome.result, outcome.reference, outcome.run):
        remembered.cache_clear()


def _of_one_argument() -> Scenario:
    a = Argument("a_batch", np.arange(1, 25).reshape(2, 3, 4), "int32")
    return Scenario("normalised", (a,), 1, -1)


def _of_three_arguments() -> Scenario:
    a = Argument("a_batch", np.arange(24.0).reshape(3, 2, 4), transposed=True)
    return Scenario("mixed", (a, Argument("weight", [1.5, -2]), Argument("shift", [1, 2, 3], "int32")), (2, None, 0))


def test_every_function_of_the_gallery_is_found_under_its_own_name() -> None:
    assert {name: entry.name for name, entry in gallery.FUNCTIONS.items()} == {name: name for name in gallery.FUNCTIONS}


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_an_entry_describes_every_argument_and_strategy(entry: Entry) -> None:
    assert 1 <= len(entry.argument_names) == len(entry.example_ndim) <= 3
    assert len(inspect.signature(entry.function).parameters) == len(entry.argument_names)
    assert entry.strategies == tuple(name for name in STRATEGY_LABELS if name in entry.strategies)
    assert {"vmap", "jit"} <= set(entry.strategies)
    assert entry.source.startswith(f"def {entry.name}(")
    assert entry.story.endswith(".")
    assert entry.mistake.endswith(".")


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_what_is_written_by_hand_is_no_strategy_of_vmap(entry: Entry) -> None:
    assert entry.formulation("vmap") is None
    assert entry.formulation("jit") is None
    for formulation in entry.by_hand:
        assert entry.formulation(formulation.name) is formulation


def test_convolve_has_every_strategy_of_the_notebook() -> None:
    assert gallery.FUNCTIONS["convolve"].strategies == ("loop", "mathy", "vmap", "jit", "shifted")


@pytest.mark.usefixtures("guests")
@pytest.mark.parametrize("make", [_of_one_argument, _of_three_arguments])
class TestGuests:
    def test_vmap_gives_the_reference(self, make: Callable[[], Scenario]) -> None:
        found = outcome.evaluate(make())
        assert found.explanation.ok, found.explanation.headline
        assert outcome.agree(found.result, found.reference)  # type: ignore[arg-type]

    def test_every_strategy_agrees(self, make: Callable[[], Scenario]) -> None:
        scenario = make()
        runs = [outcome.run(scenario, name) for name in scenario.entry.strategies]
        assert [run.error for run in runs if not run.agrees] == []

    def test_a_link_decodes_to_what_was_encoded(self, make: Callable[[], Scenario]) -> None:
        scenario = make()
        assert link.decode(link.encode(scenario, View())) == (scenario, View())

    def test_the_picture_shows_every_argument_and_what_lights(self, make: Callable[[], Scenario]) -> None:
        scenario = make()
        found = outcome.evaluate(scenario)
        shapes = tuple(row.example_shape or () for row in found.explanation.arguments)
        links = dependence(scenario.entry.function, shapes)
        drawn = picture(scenario, found.explanation, found.result, links)
        assert [table["name"] for table in drawn["tables"]] == [*scenario.entry.argument_names, "result"]
        assert [tuple(table["shape"]) for table in drawn["tables"][:-1]] == [a.shape for a in scenario.arguments]
        assert drawn["links"] is not None


@pytest.mark.usefixtures("guests")
def test_a_strategy_that_an_entry_lacks_is_not_listed() -> None:
    assert gallery.FUNCTIONS["mixed"].strategies == ("vmap", "jit")
    assert gallery.FUNCTIONS["normalised"].strategies == ("loop", "vmap", "jit")

import inspect
import itertools
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.guests import entry_of
from vmapdemo import outcome
from vmapdemo.cell_links import dependence
from vmapdemo.diagnosis.call.axes import with_axis
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.figures.linked import picture
from vmapdemo.gallery import catalogue as gallery
from vmapdemo.gallery import control_flow, networks, search
from vmapdemo.gallery.entry import STRATEGY_LABELS, Entry, Formulation, Leaf
from vmapdemo.scenario import link
from vmapdemo.scenario.argument import KEY, Argument
from vmapdemo.scenario.choices import with_in_axis
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import PRESETS, scenario_of
from vmapdemo.scenario.scenario import Scenario

SEED = 11


KEYS = {
    *("preset", "view", "large", "share", "save", "reset", "in_axes", "out_axes", "batched", "arrays", "verdict"),
    *("shapes", "strategies", "strategy", "single", "script", "notebook", "fill", "tracing", "untraced", "measure"),
    *("function", "v", "result", "cancel", "remarks", "conditions", *link.IGNORED),
}
"""What else has a key on a page or a name in a link."""


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
    one = entry_of(normalised, {"a_batch": 2}, (loop,))
    three = entry_of(mixed, {"a_batch": 2, "weight": 1, "shift": 0}, ())
    monkeypatch.setitem(gallery.FUNCTIONS, "normalised", one)
    monkeypatch.setitem(gallery.FUNCTIONS, "mixed", three)
    yield
    for remembered in (outcome.evaluate, outcome._explained, outcome._result, outcome.reference, outcome.run):
        remembered.cache_clear()
    outcome._of_shapes.clear()


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
    assert len(inspect.signature(entry.function).parameters) == len(entry.parameters)
    assert entry.strategies == tuple(name for name in STRATEGY_LABELS if name in entry.strategies)
    assert {"vmap", "jit"} <= set(entry.strategies)
    assert entry.source.startswith(f"def {entry.name}(")
    assert entry.story.endswith(".")
    assert all(mistake.told.endswith(".") for mistake in entry.mistakes)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_what_is_written_by_hand_is_no_strategy_of_vmap(entry: Entry) -> None:
    assert entry.formulation("vmap") is None
    assert entry.formulation("jit") is None
    for formulation in entry.by_hand:
        assert entry.formulation(formulation.name) is formulation


def test_convolve_has_every_strategy_of_the_notebook() -> None:
    assert gallery.FUNCTIONS["convolve"].strategies == ("loop", "mathy", "vmap", "jit", "shifted")


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_names_of_arguments_are_free(entry: Entry) -> None:
    assert not set(entry.argument_names) & KEYS


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_every_function_has_a_preset_that_runs(entry: Entry) -> None:
    assert _natural(entry)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_what_is_meant_runs_without_a_caution_on_sizes_that_all_differ(entry: Entry) -> None:
    scenario = scenario_of(entry, entry.intended)
    found = outcome.evaluate(scenario).explanation
    assert found.ok
    assert found.cautions == ()
    sizes = [size for argument in scenario.arguments for size in argument.shape]
    assert len(scenario.arguments) > 1 or len(set(sizes)) == len(sizes)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_loud_mistake_is_refused_and_the_silent_one_runs(entry: Entry) -> None:
    loud, silent = (outcome.explanation(scenario_of(entry, call)) for call in (entry.loud, entry.silent))
    assert not loud.ok
    assert loud.fixes or loud.advice
    assert silent.ok


def _natural(entry: Entry) -> Explanation:
    """The explanation of the first preset of a function that runs in one vmap."""
    presets = [preset.scenario for preset in PRESETS.values() if preset.scenario.function == entry.name]
    scenarios = [scenario for scenario in presets if scenario.inner is None]
    return next(explanation for explanation in map(outcome.explanation, scenarios) if explanation.ok)


def _legal(entry: Entry) -> Iterator[Scenario]:
    """Every legal in_axes with arguments that it is right for, and every out_axes in turn."""
    random = np.random.default_rng(SEED)
    found = _natural(entry)
    example_shapes = tuple(row.example_shape or () for row in found.arguments)
    out_axes = itertools.cycle(range(len(found.output[0].shape)))
    for axes in itertools.product(*([None, *range(len(shape) + 1)] for shape in example_shapes)):
        if set(axes) != {None}:
            shapes = (with_axis(shape, axis, 3) for shape, axis in zip(example_shapes, axes, strict=True))
            arguments = tuple(_drawn(leaf, shape, random) for leaf, shape in zip(entry.leaves, shapes, strict=True))
            scenario = Scenario(entry.name, arguments, (0,) * len(entry.parameters), next(out_axes))
            for index, axis in enumerate(axes):
                scenario = with_in_axis(scenario, index, axis)
            yield scenario


def _drawn(leaf: Leaf, shape: tuple[int, ...], random: np.random.Generator) -> Argument:
    if leaf.dtype == KEY:
        return Argument(leaf.name, random.integers(0, 1000, shape), KEY)
    return Argument(leaf.name, random.uniform(0.5, 4.5, shape))


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_vmap_equals_the_loop_for_every_legal_choice_of_axes(entry: Entry) -> None:
    for scenario in _legal(entry):
        found = outcome.evaluate(scenario)
        message = f"in_axes={scenario.in_axes}, out_axes={scenario.out_axes}, seed {SEED}"
        assert found.result is not None, f"{found.explanation.headline}: {message}"
        assert outcome.agree(found.result, found.reference), message  # type: ignore[arg-type]
        assert outcome.run(scenario, "loop").agrees, message


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_trace_ends_where_the_result_is_for_every_legal_choice_of_axes(entry: Entry) -> None:
    for scenario in _legal(entry):
        found = outcome.trace(scenario)
        assert found.ok, f"{scenario}, seed {SEED}"
        assert found.output_axes == (scenario.out_axes,)
        assert found.results[0].array.batched_shape == outcome.explanation(scenario).output[0].shape
        roots = [array.name.partition("[")[0] for array in found.arguments]
        assert list(dict.fromkeys(roots)) == list(inspect.signature(entry.function).parameters)


@pytest.mark.parametrize("number", [-4.0, 0.0, 1e-30, 3e38])
def test_no_number_keeps_the_newton_root_running(number: float) -> None:
    control_flow.newton_root(jnp.array(number)).block_until_ready()


def test_a_step_is_clipped_only_where_it_is_too_long() -> None:
    gradients = jnp.array([[3.0, 4.0], [0.3, 0.4]])
    got = jax.vmap(control_flow.clipped_step, (None, 0, None))(jnp.zeros(2), gradients, jnp.array(1.0))
    np.testing.assert_allclose(got, [[-0.6, -0.8], [-0.3, -0.4]], 1e-6)


def test_the_nearest_centre_and_the_layer_are_those_of_numpy() -> None:
    random = np.random.default_rng(SEED)
    point, centres = random.normal(size=2).astype("float32"), random.normal(size=(5, 2)).astype("float32")
    nearest = min(centres, key=lambda centre: float(np.linalg.norm(centre - point)))
    np.testing.assert_allclose(search.to_nearest(point, centres), nearest - point, 1e-5)  # type: ignore[arg-type]
    unit = centres / np.linalg.norm(centres, axis=0)
    layer = networks.dense(centres[:, 0], centres, point)  # type: ignore[arg-type]
    np.testing.assert_allclose(layer, np.tanh(centres[:, 0] @ unit + point), 1e-5)


@pytest.mark.usefixtures("guests")
@pytest.mark.parametrize("make", [_of_one_argument, _of_three_arguments])
class TestGuests:
    def test_vmap_gives_the_reference(self, make: Callable[[], Scenario]) -> None:
        found = outcome.evaluate(make())
        assert found.explanation.ok, found.explanation.headline
        assert outcome.agree(found.result, found.reference)  # type: ignore[arg-type]

    def test_every_strategy_agrees(self, make: Callable[[], Scenario]) -> None:
        scenario = make()
        runs = [outcome.run(scenario, name) for name in scenario.strategies]
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

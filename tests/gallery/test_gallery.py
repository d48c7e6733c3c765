import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.effort import some
from tests.gallery.in_numpy import expected
from tests.guests import entry_of
from vmapdemo import outcome
from vmapdemo.cell_links import dependence
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.figures.linked import picture
from vmapdemo.gallery import catalogue as gallery
from vmapdemo.gallery import control_flow, networks, search
from vmapdemo.gallery.entry import STRATEGY_LABELS, Entry, Example, Formulation, Leaf
from vmapdemo.scenario import link, progress
from vmapdemo.scenario.argument import KEY, Argument
from vmapdemo.scenario.choices import with_in_axis
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import PRESETS, scenario_of
from vmapdemo.scenario.scenario import Level, Scenario

SEED = 11
LEGAL = 20
"""So many choices of axes are tried of each function as a rule: the three arguments of ``attend`` have 47."""

KEYS = {
    *("preset", "view", "large", "share", "save", "reset", "in_axes", "out_axes", "batched", "arrays", "verdict"),
    *("shapes", "strategies", "strategy", "single", "script", "notebook", "fill", "tracing", "untraced", "measure"),
    *("function", "v", "result", "cancel", "remarks", "conditions", "learn", "others", *progress.NAMES, *link.IGNORED),
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
    assert 1 <= len(entry.argument_names) == len(entry.example_ndim) <= 4
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
    rows = [
        np.moveaxis(a.array, row.axis, 0)
        for a, row in zip(scenario.arguments, found.arguments, strict=True)
        if row.axis is not None
    ]
    for mapped in rows:
        assert len(np.unique(mapped, axis=0)) == len(mapped)
    inside = {size for row in found.arguments for size in row.example_shape or ()}
    assert found.batch_size not in inside | {1}
    assert len(scenario.arguments) > 1 or len(inside) == sum(entry.example_ndim)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_what_is_meant_gives_the_numbers_of_numpy(entry: Entry) -> None:
    for example in (entry.intended, *entry.others):
        scenario = scenario_of(entry, example)
        np.testing.assert_allclose(outcome.result(scenario), expected(scenario), 1e-4, 1e-5)


def _meant(entry: Entry, mistake: Example) -> Scenario:
    """The call that is meant on the numbers of a mistake."""
    in_axes = entry.intended.in_axes if mistake.meant is None else mistake.meant
    inner = None if entry.intended.inner is None else Level(*entry.intended.inner)
    return replace(
        scenario_of(entry, mistake),
        in_axes=in_axes,
        out_axes=entry.intended.out_axes,
        inner=inner,
        spec=entry.intended.spec,
    )


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_loud_mistake_is_refused_and_its_first_fix_gives_what_is_meant(entry: Entry) -> None:
    found = outcome.explanation(scenario_of(entry, entry.loud))
    assert not found.ok
    if entry.name == "convolve":
        assert found.advice[0].startswith("It would work with exactly 3 values of `y_batch`")
        return
    if entry.name == "contract":  # its axes are right and its spec is not
        assert found.culprit == "function"
        assert "bij,bj->bi" in found.advice[-1]
        return
    if entry.name == "noisy":  # keys that are split come from no seeds
        assert "jax.random.split(key, 4)" in found.fixes[0].code
        assert len(np.unique(found.fixes[0].run())) == 4
        return
    # A matrix of numbers is meant to give a matrix of roots, which takes a vmap inside a vmap.
    is_nested = entry.name == "newton_root"
    wanted = np.sqrt(entry.loud.values[0]) if is_nested else expected(_meant(entry, entry.loud))
    after = scenario_of(entry, entry.loud).after(found.fixes[0])
    assert after is not None
    np.testing.assert_allclose(outcome.result(after), wanted, 1e-4, 1e-5)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_silent_mistake_runs_and_gives_something_else_than_what_is_meant(entry: Entry) -> None:
    scenario = scenario_of(entry, entry.silent)
    assert outcome.explanation(scenario).ok
    if entry.name == "crop":  # NumPy has no answer: it cuts such a window short
        with pytest.raises(ValueError, match="same shape"):
            expected(_meant(entry, entry.silent))
        return
    if entry.name == "noisy":  # what is meant takes other keys
        noise = outcome.result(scenario) - scenario.argument("reading").array
        np.testing.assert_allclose(noise, noise[0], atol=1e-5)
        return
    assert not outcome.agree(outcome.result(scenario), expected(_meant(entry, entry.silent)))


UNSEEN = {
    *("running_total", "smooth", "crop", "slope_row", "newton_root", "orbit", "world_step"),
    *("distance", "contract", "predict", "batch_normalised", "total", "centre", "extent"),
}
"""Whose silent mistake no rule can see: its shapes and its numbers are as good as those that are meant."""


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_silent_mistake_is_cautioned_where_shapes_show_it_and_the_fix_is_what_is_meant(entry: Entry) -> None:
    cautions = outcome.evaluate(scenario_of(entry, entry.silent)).explanation.cautions
    assert bool(cautions) == (entry.name not in UNSEEN)
    if cautions and entry.name != "noisy":  # the fix of which splits its key
        assert cautions[0].fix is not None
        after = scenario_of(entry, entry.silent).after(cautions[0].fix)
        assert after is not None
        np.testing.assert_allclose(outcome.result(after), expected(_meant(entry, entry.silent)), 1e-4, 1e-5)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_every_named_call_can_be_linked(entry: Entry) -> None:
    for example in (entry.intended, *entry.others, *entry.mistakes):
        scenario = scenario_of(entry, example)
        assert link.decode(link.encode(scenario, View())) == (scenario, View(preset=example.name))
        assert link.decode(f"preset={example.name}")[0] == scenario


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_every_argument_lights_in_some_result(entry: Entry) -> None:
    links = outcome.links(scenario_of(entry, entry.intended))
    if entry.axis_name is not None:
        assert links is None, "one example alone says nothing of the others"
        return
    assert links is not None
    for position, name in enumerate(entry.argument_names):
        assert any(cells[position] for cells in links.cells), name


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
            drawn = zip(entry.leaves, example_shapes, axes, strict=True)
            arguments = tuple(_argument(leaf, shape, axis, random) for leaf, shape, axis in drawn)
            scenario = Scenario(entry.name, arguments, (0,) * len(entry.parameters), next(out_axes))
            for index, axis in enumerate(axes):
                scenario = with_in_axis(scenario, index, axis)
            yield scenario


def _argument(leaf: Leaf, shape: tuple[int, ...], axis: int | None, random: np.random.Generator) -> Argument:
    dtype = "int32" if leaf.dtype == KEY else leaf.dtype
    if axis is None:
        return Argument(leaf.name, leaf.drawn(random, shape).astype(dtype), leaf.dtype)
    batch = leaf.drawn(random, (3, *shape)).astype(dtype)
    return Argument(leaf.name, np.moveaxis(batch, 0, axis), leaf.dtype)


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_vmap_equals_the_loop_for_every_legal_choice_of_axes(entry: Entry) -> None:
    for scenario in some([*_legal(entry)], LEGAL):
        found = outcome.evaluate(scenario)
        message = f"in_axes={scenario.in_axes}, out_axes={scenario.out_axes}, seed {SEED}"
        assert found.result is not None, f"{found.explanation.headline}: {message}"
        assert outcome.agree(found.result, found.reference), message  # type: ignore[arg-type]
        assert outcome.run(scenario, "loop").agrees, message


@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_the_trace_ends_where_the_result_is_for_every_legal_choice_of_axes(entry: Entry) -> None:
    for scenario in some([*_legal(entry)], LEGAL):
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

"""Calls beyond arrays by position in one vmap: dicts of arrays, random keys, keywords, a vmap inside a vmap."""

import linecache
from dataclasses import replace
from typing import Any, ClassVar

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapdemo import outcome
from vmapdemo.gallery import contractions
from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.scenario import commands, link
from vmapdemo.scenario.argument import Argument, InputError, keys_of
from vmapdemo.scenario.choices import CUSTOM, in_axis, with_in_axis, with_keywords_from
from vmapdemo.scenario.link import LinkError, View
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Level, Scenario

ENSEMBLE = PRESETS["ensemble"].scenario
NOISY = PRESETS["noisy"].scenario
DISTANCES = PRESETS["distances"].scenario
VMAP = PRESETS["vmap"].scenario
ALL = {"ensemble": ENSEMBLE, "noisy": NOISY, "distances": DISTANCES, "bootstrap": PRESETS["bootstrap"].scenario}


def after(scenario: Scenario, **command: Any) -> Scenario:
    return commands.read(command).make(scenario)


class TestDicts:
    def test_the_arrays_stand_in_the_order_in_which_jax_lays_out_a_dict(self) -> None:
        assert [argument.name for argument in ENSEMBLE.arguments] == ["params.b", "params.w", "x"]
        assert [row.path for row in outcome.explanation(ENSEMBLE).arguments] == ["params['b']", "params['w']", "x"]

    def test_the_function_is_given_the_dict(self) -> None:
        arguments, keywords = ENSEMBLE.form.called("bwx")
        assert (arguments, keywords) == (({"b": "b", "w": "w"}, "x"), {})

    @pytest.mark.parametrize(
        ("in_axes", "shown"),
        [
            ((0, None), [0, 0, None]),
            (({"w": 0, "b": None}, None), [None, 0, None]),
            ({"w": 0}, [CUSTOM, 0, CUSTOM]),
            (({"w": 0}, 0), [CUSTOM, 0, 0]),
            (0, [0, 0, 0]),
        ],
    )
    def test_each_array_shows_its_own_axis(self, in_axes: Any, shown: list[Any]) -> None:
        scenario = replace(ENSEMBLE, in_axes=in_axes)
        assert [in_axis(scenario, position) for position in range(3)] == shown

    @pytest.mark.parametrize(
        ("before", "index", "axis", "in_axes"),
        [
            ((0, None), 0, None, ({"b": None, "w": 0}, None)),
            (({"b": None, "w": 0}, None), 0, 0, (0, None)),
            (({"b": None, "w": 0}, None), 2, 0, ({"b": None, "w": 0}, 0)),
            ([0, None], 1, 2, [{"b": 0, "w": 2}, None]),
            (0, 1, 1, ({"b": 0, "w": 1}, 0)),
        ],
    )
    def test_an_axis_of_one_array_is_chosen(self, before: Any, index: int, axis: int | None, in_axes: Any) -> None:
        assert with_in_axis(replace(ENSEMBLE, in_axes=before), index, axis).in_axes == in_axes

    def test_an_array_of_a_dict_is_not_transposed(self) -> None:
        with pytest.raises(InputError, match="part of an argument"):
            replace(ENSEMBLE.arguments[0], transposed=True)

    def test_its_cells_are_edited_by_their_place(self) -> None:
        edited = after(ENSEMBLE, kind="cell", array="params.b", index=[0, 1], text="9")
        assert edited.argument("params.b").values[0][1] == 9


class TestKeys:
    def test_a_key_is_shown_as_its_seed_and_passed_as_a_key(self) -> None:
        key = Argument("key", [[3, 4]], "key")
        assert key.array.tolist() == [[3, 4]]
        assert key.passed.shape == (1, 2)
        data = jax.random.key_data
        np.testing.assert_array_equal(data(key.passed[0, 1]), data(jax.random.key(4)))

    NO_SEEDS: ClassVar[dict[str, Any]] = {
        "negative": -1,
        "half": 0.5,
        "large": 2**31,
        "long": 10**5000,
        "nan": float("nan"),
        "text": "a",
        "bool": True,
    }

    @pytest.mark.parametrize("seed", NO_SEEDS.values(), ids=NO_SEEDS)
    def test_what_is_no_seed_is_refused_in_one_sentence(self, seed: Any) -> None:
        with pytest.raises(InputError) as caught:
            Argument("key", [seed], "key")
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize("dtype", ["int32", "float32"])
    def test_numbers_do_not_stand_for_keys_nor_keys_for_numbers(self, dtype: str) -> None:
        with pytest.raises(InputError, match="random keys"):
            NOISY.with_argument(Argument("key", [0, 1, 2, 3], dtype))
        with pytest.raises(InputError, match="numbers"):
            NOISY.with_argument(Argument("reading", [0, 1, 2, 3], "key"))

    def test_seeds_that_are_added_are_new_ones(self) -> None:
        longer = after(NOISY, kind="size", array="key", edge="columns", size=7)
        seeds = longer.argument("key").array.tolist()
        assert seeds[:4] == NOISY.argument("key").array.tolist()
        assert seeds[4:] == [4, 5, 6]

    def test_one_key_for_all_is_one_draw(self) -> None:
        silent = PRESETS["noisy-silent"].scenario
        noise = outcome.result(silent) - silent.argument("reading").array
        np.testing.assert_allclose(noise, noise[0], atol=1e-5)
        noise = outcome.result(NOISY) - NOISY.argument("reading").array
        assert len(np.unique(noise.round(4))) == 4

    def test_the_dtype_of_a_key_is_no_choice(self) -> None:
        with pytest.raises(InputError):
            after(NOISY, kind="dtype", array="key", dtype="int32")

    def test_keys_have_the_shape_of_their_seeds(self) -> None:
        assert keys_of(np.arange(6).reshape(2, 3)).shape == (2, 3)


class TestKeywords:
    def test_what_is_passed_by_keyword_is_mapped_on_axis_0_whatever_in_axes_says(self) -> None:
        by_keyword = replace(VMAP, in_axes=(0,), keywords=("y_batch",))
        found = outcome.explanation(by_keyword)
        assert [(row.path, row.axis) for row in found.arguments] == [("x_batch", 0), ("y", 0)]
        np.testing.assert_array_equal(outcome.result(by_keyword), outcome.result(VMAP))
        assert in_axis(by_keyword, 1) == 0
        assert with_in_axis(by_keyword, 1, None) == by_keyword

    def test_the_rows_stand_in_the_order_of_the_arguments(self) -> None:
        scenario = PRESETS["cond"].scenario
        by_keyword = with_keywords_from(replace(scenario, in_axes=0), "params")
        assert by_keyword.keywords == ("params", "gradients", "limit")
        shapes = [row.shape for row in outcome.explanation(by_keyword).arguments]
        assert shapes == [argument.shape for argument in by_keyword.arguments]

    def test_only_the_last_ones_can_be_passed_by_keyword(self) -> None:
        with pytest.raises(InputError, match="Only the last"):
            replace(VMAP, keywords=("x_batch",))

    @pytest.mark.parametrize(("axes", "shorter"), [((0, 1), (0,)), ([0, 1], [0]), (0, 0), ("a", "a")])
    def test_in_axes_loses_the_entry_of_a_keyword(self, axes: Any, shorter: Any) -> None:
        scenario = replace(VMAP, in_axes=axes)
        by_keyword = after(scenario, kind="keyword", array="y_batch", keyword=True)
        assert by_keyword.in_axes == shorter
        assert by_keyword.keywords == ("y_batch",)
        back = after(by_keyword, kind="keyword", array="y_batch", keyword=False)
        assert back.keywords == ()
        assert not isinstance(axes, (tuple, list)) or len(back.in_axes) == 2

    def test_those_after_it_go_with_it(self) -> None:
        scenario = PRESETS["cond"].scenario
        assert after(scenario, kind="keyword", array="gradients", keyword=True).keywords == ("gradients", "limit")

    def test_a_link_that_names_no_parameter_is_refused(self) -> None:
        with pytest.raises(LinkError, match="keywords_from"):
            link.decode("preset=vmap&keywords_from=z")


class TestLevels:
    def test_the_inner_axis_ends_up_last(self) -> None:
        points, places = (argument.array for argument in DISTANCES.arguments)
        table = [[np.linalg.norm(place - point) for place in places] for point in points]
        np.testing.assert_allclose(outcome.result(DISTANCES), table, rtol=1e-6)

    def test_out_axes_or_other_layers_turn_the_table(self) -> None:
        turned = replace(DISTANCES, out_axes=1)
        swapped = replace(DISTANCES, in_axes=(None, 0), inner=Level((0, None)))
        np.testing.assert_allclose(outcome.result(turned), outcome.result(DISTANCES).T)
        np.testing.assert_allclose(outcome.result(swapped), outcome.result(DISTANCES).T)

    def test_where_the_inner_vmap_fails_its_axes_are_mended(self) -> None:
        wrong = replace(DISTANCES, inner=Level(0))
        found = outcome.explanation(wrong)
        assert not found.ok
        assert found.headline.startswith("The inner vmap fails: ")
        mended = wrong.after(found.fixes[0])
        assert mended is not None
        assert outcome.explanation(mended).ok
        assert (mended.in_axes, mended.out_axes) == (wrong.in_axes, wrong.out_axes)
        np.testing.assert_allclose(outcome.result(mended), found.fixes[0].run())

    def test_where_the_outer_vmap_fails_the_inner_one_stays(self) -> None:
        wrong = replace(DISTANCES, in_axes=(0, 0))
        found = outcome.explanation(wrong)
        afters = [wrong.after(fix) for fix in found.fixes]
        assert afters
        assert all(mended is not None and mended.inner == wrong.inner for mended in afters)

    def test_its_fix_is_offered_for_a_call_with_one(self) -> None:
        loud = PRESETS["distances-loud"].scenario
        assert DISTANCES in [loud.after(fix) for fix in outcome.explanation(loud).fixes]

    def test_without_the_vmap_there_is_none_inside(self) -> None:
        single = replace(DISTANCES, batched=False)
        assert single.form.inner is None
        assert single != replace(single, inner=None)
        assert outcome.evaluate(single).explanation.ok is False

    def test_an_inner_field_that_is_gone_is_no_place(self) -> None:
        with pytest.raises(InputError):
            after(VMAP, kind="typed", place="inner_in_axes", text="0")
        assert after(DISTANCES, kind="typed", place="inner_out_axes", text="0") == DISTANCES

    def test_an_inner_axis_is_chosen_in_what_the_outer_vmap_leaves(self) -> None:
        assert after(DISTANCES, kind="axis", array="place", level="inner", axis=1).inner == Level((None, 1))
        assert after(DISTANCES, kind="axis", array="place", level="inner", axis=0) == DISTANCES
        for array, axis in (("point", 1), ("place", 2), ("nothing", 0)):
            with pytest.raises(InputError):
                after(DISTANCES, kind="axis", array=array, level="inner", axis=axis)

    @pytest.mark.parametrize(("shown", "nested"), [(VMAP, True), (DISTANCES, False)])
    def test_a_level_is_added_and_taken_away(self, shown: Scenario, nested: bool) -> None:
        assert (after(shown, kind="nested", nested=nested).inner is not None) == nested

    @given(st.data())
    def test_vmap_equals_the_loops_for_every_legal_choice_of_axes(self, data: st.DataObject) -> None:
        """Two axes are added to each argument, or one, or none; the levels map them in any order."""
        levels = [[data.draw(st.sampled_from([None, 0, 1, -1])) for _ in range(2)] for _ in range(2)]
        if [None, None] in levels:
            return
        shapes = [[2], [2]]
        sizes = (3, 4)
        for level, size in reversed(list(zip(levels, sizes, strict=True))):
            for shape, axis in zip(shapes, level, strict=True):
                if axis is not None:
                    shape.insert(axis % (len(shape) + 1), size)
        out = [data.draw(st.integers(-2, 1)), data.draw(st.sampled_from([-1, 0]))]
        values = [np.arange(np.prod(shape)).reshape(shape) % 7 + place for place, shape in enumerate(shapes)]
        arguments = (Argument("point", values[0]), Argument("place", values[1]))
        scenario = Scenario("distance", arguments, tuple(levels[0]), out[0], inner=Level(tuple(levels[1]), out[1]))
        found = outcome.evaluate(scenario)
        assert found.result is not None, found.explanation.headline
        assert outcome.agree(found.result, found.reference)  # type: ignore[arg-type]
        assert outcome.run(scenario, "loop").agrees


@pytest.mark.parametrize("name", ALL)
def test_every_strategy_agrees_and_a_link_says_it_all(name: str) -> None:
    scenario = ALL[name]
    assert [outcome.run(scenario, strategy).agrees for strategy in scenario.strategies] == [True] * 3
    assert link.decode(link.encode(scenario, View()))[0] == scenario


@pytest.mark.parametrize("name", ALL)
def test_the_trace_follows_the_outer_batch(name: str) -> None:
    found = outcome.trace(ALL[name])
    assert found.ok
    assert found.results[0].array.batched_shape == outcome.result(ALL[name]).shape


@pytest.mark.parametrize("function", ["predict", "noisy", "bootstrap", "distance"])
def test_what_lights_is_known(function: str) -> None:
    scenario = PRESETS[FUNCTIONS[function].intended.name].scenario
    assert outcome.links(scenario) is not None


class TestSpecs:
    EINSUM: ClassVar[Scenario] = PRESETS["einsum"].scenario

    @pytest.mark.parametrize("spec", ["ij,j->i", "ij,j->", "i,i->i", ",->", "ijk,k->ji", "ii,i->i", " ij , jk -> ik "])
    def test_the_function_is_made_for_the_spec(self, spec: str) -> None:
        entry = replace(self.EINSUM, spec=spec).entry
        sizes = dict(zip("ijk", (2, 3, 4), strict=True))
        operands = spec.replace(" ", "").partition("->")[0].split(",")
        random = np.random.default_rng(0)
        arrays = [random.normal(size=[sizes[letter] for letter in letters]) for letters in operands]
        np.testing.assert_allclose(entry.function(*arrays), np.einsum(spec, *arrays), rtol=1e-4, atol=1e-5)
        assert entry.example_ndim == tuple(map(len, operands))

    @pytest.mark.parametrize(
        "spec",
        [
            "",
            "ij",
            "ij,j",
            "ij->i",
            "ij,j,k->i",
            "ijkl,j->i",
            "ij,j->k",
            "ij,j->ii",
            "IJ,J->I",
            "...,j->j",
            "é,é->é",
            "i" * 10**5,
        ],
    )
    def test_what_is_no_spec_is_refused_in_one_sentence_and_changes_nothing(self, spec: str) -> None:
        with pytest.raises(InputError) as caught:
            after(self.EINSUM, kind="typed", place="spec", text=spec)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 200

    def test_the_source_is_that_of_the_spec_and_is_forgotten_with_it(self) -> None:
        before = set(linecache.cache)
        scenarios = [replace(self.EINSUM, spec=f"{a}{b},{b}->{a}") for a in "abcdefghijkl" for b in "mnopqrst"]
        for scenario in scenarios:
            assert f"jnp.einsum({scenario.spec!r}, a, b)" in scenario.entry.source
        assert len(set(linecache.cache) - before) <= 2 * contractions.KEPT
        assert outcome.trace(self.EINSUM).steps[0].source is not None

    def test_a_function_without_a_spec_takes_none(self) -> None:
        with pytest.raises(InputError, match="takes no spec"):
            replace(VMAP, spec="i,i->i")
        with pytest.raises(InputError):
            after(VMAP, kind="typed", place="spec", text="i,i->i")

    def test_a_link_carries_the_spec(self) -> None:
        turned = after(self.EINSUM, kind="typed", place="spec", text="ij, j -> i")
        assert turned == self.EINSUM
        silent = PRESETS["einsum-silent"].scenario
        assert link.decode(link.encode(silent, View()))[0] == silent
        assert outcome.result(silent).tolist() != outcome.result(replace(silent, spec="ij,j->i")).tolist()

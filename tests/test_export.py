import ast
import contextlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.effort import some
from vmapdemo import export, outcome
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.scenario.argument import Argument, keys_of
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

SEED = 17
SINGLE = PRESETS["single"].scenario
BATCHED = {name: preset.scenario for name, preset in PRESETS.items() if preset.scenario.batched}
VMAP = BATCHED["vmap"]
MOVED = {
    "shared x": replace(VMAP.with_argument(Argument("x_batch", [0, 1, 2, 3, 4], "int32")), in_axes=(None, 0)),
    "from the end": replace(BATCHED["axes-1-1"], in_axes=-1, out_axes=-1),
    "one column": replace(BATCHED["fix-out-0"], in_axes=(-1, -2), out_axes=-2),
}
SOME = some([*PRESETS], 30)
CALLS = {
    f"{name}-{strategy}": (scenario, strategy)
    for name, scenario in {**BATCHED, **MOVED}.items()
    if name in {*SOME, *MOVED}
    for strategy in scenario.strategies
}


def _given(scenario: Scenario) -> dict[str, Any]:
    """The names that a panel's code may use; arguments before ``.T``."""
    stored = [keys_of(a.stored) if a.is_key else jnp.asarray(a.stored) for a in scenario.arguments]
    names = [parameter.name for parameter in scenario.entry.parameters]
    return {"jax": jax, "jnp": jnp, **dict(zip(names, scenario.entry.assembled(stored), strict=True))}


def _last_value(text: str, names: dict[str, Any]) -> np.ndarray:
    """What the text's last expression gives, after the statements before it."""
    *statements, last = ast.parse(text).body
    exec(compile(ast.Module(statements, []), "panel", "exec"), names)
    assert isinstance(last, ast.Expr)
    return np.asarray(eval(compile(ast.Expression(last.value), "panel", "eval"), names))


@pytest.mark.parametrize(("scenario", "strategy"), CALLS.values(), ids=CALLS)
def test_the_source_that_is_shown_gives_what_the_strategy_gave(scenario: Scenario, strategy: str) -> None:
    ran = outcome.run(scenario, strategy)
    text = export.source(scenario, strategy)
    if ran.result is None:
        with pytest.raises((TypeError, ValueError, IndexError)) as caught:
            _last_value(text, _given(scenario))
        assert ran.error == f"{caught.type.__name__}: {caught.value}"
        return
    got = _last_value(text, _given(scenario))
    assert got.dtype == ran.result.dtype
    assert np.array_equal(got, ran.result)


@pytest.mark.parametrize(("scenario", "strategy"), CALLS.values(), ids=CALLS)
def test_the_source_ends_with_the_call(scenario: Scenario, strategy: str) -> None:
    call = export.call(scenario, strategy)
    assert export.source(scenario, strategy).endswith(f"\n\n\n{call}")
    assert "\n" not in call


def test_the_single_call_is_shown_as_it_runs() -> None:
    assert export.call(SINGLE) == "convolve(x_batch, y_batch)"
    assert _last_value(export.source(SINGLE), _given(SINGLE)).tolist() == [11, 20, 29]


@pytest.mark.parametrize(
    ("name", "strategy", "text"),
    [
        ("mismatch", "vmap", "jax.vmap(convolve, in_axes=1, out_axes=0)(x_batch.T, y_batch)"),
        ("fix-out-1", "jit", "jax.jit(jax.vmap(convolve, in_axes=[1, 0], out_axes=1))(x_batch.T, y_batch)"),
        ("vmap", "loop", "looping_batch_convolve(x_batch, y_batch)"),
    ],
)
def test_the_call_is_written_as_python(name: str, strategy: str, text: str) -> None:
    assert export.call(PRESETS[name].scenario, strategy) == text


@pytest.mark.parametrize("value", [True, 0.5, "a", "it's", (0,), [0, (1, None)], None, -1])
def test_wrong_axes_are_written_as_they_were_typed(value: Any) -> None:
    call = ast.parse(export.call(replace(VMAP, in_axes=value, out_axes=value)), mode="eval").body
    keywords = {k.arg: ast.literal_eval(k.value) for k in call.func.keywords}  # type: ignore[attr-defined]
    assert repr(keywords) == repr({"in_axes": value, "out_axes": value})


@pytest.mark.parametrize("name", PRESETS)
def test_the_script_has_the_arrays_exactly(name: str) -> None:
    scenario = PRESETS[name].scenario
    assert _arrays_of(scenario) == [a.stored.tolist() for a in scenario.arguments]


@pytest.mark.parametrize("values", [-0.0, [0.1, 1e-30, 3.4e38], [[[1 / 3]]], [-0.0, 1e-45]])
def test_the_script_has_every_float_exactly(values: Any) -> None:
    scenario = VMAP.with_argument(Argument("y_batch", values))
    assert repr(_arrays_of(scenario)[1]) == repr(scenario.argument("y_batch").stored.tolist())


def _arrays_of(scenario: Scenario) -> list[Any]:
    """The arrays that the script of a scenario makes."""
    roots = [parameter.name for parameter in scenario.entry.parameters]
    starts = tuple(f"{root} = " for root in roots)
    # Stand for the makers of arrays and of keys: what is told of a key is its seed.
    seeds = SimpleNamespace(random=SimpleNamespace(key=np.asarray), vmap=lambda made: made)
    names: dict[str, Any] = {"jnp": np, "jax": seeds}
    for line in export.script(scenario).splitlines():
        if line.startswith(starts):
            exec(line, names)
    return [np.asarray(leaf).tolist() for leaf in jax.tree.leaves([names[root] for root in roots])]


@pytest.mark.parametrize("name", ["single", "fix-out-1", "mismatch"])
def test_the_script_runs_by_itself(name: str, tmp_path: Path) -> None:
    scenario = PRESETS[name].scenario
    path = tmp_path / "scenario.py"
    path.write_text(export.script(scenario), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = outcome.evaluate(scenario)
    mended = found.result if found.result is not None else found.explanation.fixes[0].run()
    assert str(jnp.asarray(mended)) in done.stdout
    assert ("repaired" in done.stdout) == (name == "mismatch")
    assert ("inconsistent" in done.stdout) == (name == "mismatch")


@pytest.mark.parametrize("name", SOME)
def test_the_script_prints_every_strategy(name: str) -> None:
    printed = _output([export.script(PRESETS[name].scenario)])
    strategies = [STRATEGY_LABELS[strategy] for strategy in PRESETS[name].scenario.strategies]
    assert set(strategies if name != "single" else ["convolve"]) <= set(printed.splitlines())
    found = outcome.evaluate(PRESETS[name].scenario)
    if found.result is not None:
        assert str(jnp.asarray(found.result)) in printed


@pytest.mark.parametrize("name", MOVED)
def test_the_script_runs_where_the_batch_has_to_be_moved(name: str) -> None:
    printed = _output([export.script(MOVED[name])])
    result = outcome.evaluate(MOVED[name]).result
    assert printed.count(str(jnp.asarray(result))) == len(MOVED[name].entry.strategies)


def test_the_script_of_any_call_runs_to_its_end() -> None:
    random = np.random.default_rng(SEED)
    entries = [None, 0, 1, -1, 2, True, 0.5, "it's", (0,), (0, None), [1, 0]]
    shapes = [(), (3,), (3, 3), (2, 4), (2, 3), (2, 2, 3)]
    for _ in range(12):
        x, y = (np.ones(shapes[int(random.integers(len(shapes)))]) for _ in range(2))
        axes = [entries[int(index)] for index in random.integers(len(entries), size=2)]
        scenario = Scenario("convolve", (Argument("x_batch", x), Argument("y_batch", y)), *axes)
        try:
            printed = _output([export.script(scenario)])
        except Exception as error:
            raise AssertionError(f"{error!r} from the script of {scenario}, seed {SEED}") from error
        assert printed.startswith("vmap\n"), f"{scenario}, seed {SEED}"


@pytest.mark.parametrize("name", SOME)
def test_the_notebooks_cells_run_in_their_order(name: str) -> None:
    book = json.loads(export.notebook(PRESETS[name].scenario))
    printed = _output([cell["source"] for cell in book["cells"] if cell["cell_type"] == "code"])
    found = outcome.evaluate(PRESETS[name].scenario)
    if found.result is not None:
        assert str(jnp.asarray(found.result)) in printed


@pytest.mark.parametrize("name", PRESETS)
def test_the_notebook_is_of_format_4_5(name: str) -> None:
    book = json.loads(export.notebook(PRESETS[name].scenario))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in book["cells"]:
        common = {"id", "cell_type", "metadata", "source"}
        assert set(cell) == common | ({"execution_count", "outputs"} if cell["cell_type"] == "code" else set())
        assert cell["cell_type"] in ("code", "markdown")
        assert isinstance(cell["source"], str)


def _output(parts: list[str]) -> str:
    """What the parts print, run one after the other in one fresh module."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for part in parts:
            exec(compile(part, "exported", "exec"), names)
    return printed.getvalue()

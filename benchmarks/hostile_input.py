"""Hostile input for every entrance of the page, drawn at random: what a stranger sends, or a bug in a browser.

Each function draws one input. The same `Chance` gives the same input, so that a failure can be repeated by its number.
"""

import json
import random
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from vmapdemo.scenario import commands, link, presets
from vmapdemo.scenario.link import View
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Conditions, Rejected, Timing
from vmapdemo.timing.results.sweep import COPY, EMPTY, Point, Skipped, Stages, Sweep
from vmapdemo.timing.service.saved import Saved

Chance = random.Random
Drawn = TypeVar("Drawn")

SHAPES = ((), (3,), (4, 3), (4, 5), (3, 4), (1, 3), (2, 4, 3))
"""Few, so that little has to be traced again."""
ARRAYS = ("x_batch", "y_batch")
PIECES = (
    *"0123456789-+.,;:()[]{}<>'\"\\/&=~_ #%|!?$*^`@eEjJ",
    *("None", "True", "nan", "inf", "-inf", "1e9", "1e400", "-0.0", "1_0", "0x1f", "1j", "5e-324", "..."),
    *("\t", "\n", "\r\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff"),
    *("é", "\u202e", "\u200b", "\ud800", "\U0001f600", "a\u0301\u0301", "\u0663", "\uff11", "\u00bd"),
    *("\u2212", "\u96f6"),
    *("[[", "]]", "[0, 1]", "(0, 1)", "{}", "()", "[]", "{1}", "b'a'", "f'{1}'", "lambda: 0", "0 if 1 else 2"),
    *("<script>alert(1)</script>", "[a](http://x)", "![](x)", "__import__('os')", "%00", "%ff", "%zz", "&amp;"),
    *("a" * 300, "9" * 50, "9" * 5000, "[" * 60, "(" * 300, "-" * 300, "1," * 2000, "\\ud800", "'\\ud800'", "'\\x00'"),
)
AXES = ("0", "1", "-1", "2", "None", "True", "0.5", "'a'", "(0,)", "[1, 0]", "(0, None)", "(1, 1)", "((0,), 2)", "0.0")
NUMBERS: tuple[int | float, ...] = (
    *(0, -1, 1, 3, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, -(2**63) - 1, 10**9 + 1, 10**29, 10**400, 10**4000),
    *(5e-324, 2.3e-308, 1e-13, 0.5, -0.5, 86_401.0, 1e18, 1.1e18, 1.7e308, -0.0, float("nan"), float("inf")),
)
NAMES = ("", "loop", "x_batch", "result", "rows", "float32", "in_axes", "copy", "empty call", "Python loop", "=1+1")


def noise(chance: Chance, most: int = 12) -> str:
    """Text that means nothing, or nearly something."""
    return "".join(chance.choices(PIECES, k=chance.randint(0, most)))


def damaged(chance: Chance, text: str) -> str:
    """The text with a few slices cut out, doubled, replaced or moved."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((1, 1, 2, 5, 40)))
        middle = chance.choice(
            ("", text[start:end] * 2, chance.choice(PIECES), text[start:end][::-1], chr(_code(chance)))
        )
        text = text[:start] + middle + text[end:]
    return text


def value(chance: Chance, depth: int = 0) -> Any:
    """Anything that JSON can say, of the wrong kind more often than not."""
    if depth < 3 and chance.random() < 0.2:
        inside = [value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
        return inside if chance.random() < 0.5 else {chance.choice((*NAMES, noise(chance, 2))): one for one in inside}
    if chance.random() < 0.03:
        return _nested(chance.choice((5, 50, 900)))
    plain: Callable[[], Any] = chance.choice(
        (
            lambda: None,
            lambda: chance.random() < 0.5,
            lambda: chance.choice(NUMBERS),
            lambda: chance.choice(NUMBERS),
            lambda: chance.choice(NAMES),
            lambda: noise(chance, 4),
            lambda: "x" * chance.choice((81, 1001, 41_000)),
        )
    )
    return plain()


def numbers(chance: Chance) -> str:
    """An array as a text, sometimes with a wrong number in it."""

    def nested(shape: tuple[int, ...]) -> str:
        if not shape:
            return str(chance.choice((3.5, 2**31, "nan", "1e40")) if chance.random() < 0.05 else chance.randint(-9, 9))
        return f"[{', '.join(nested(shape[1:]) for _ in range(shape[0]))}]"

    return nested(chance.choice(SHAPES))


def axes(chance: Chance) -> str:
    """What is typed for in_axes or out_axes."""
    deep = chance.choice((3, 9, 30, 3000))
    return _one_of(
        chance,
        lambda: chance.choice(AXES),
        lambda: damaged(chance, chance.choice(AXES)),
        lambda: noise(chance),
        lambda: repr(_literal(chance)),
        lambda: damaged(chance, repr(_literal(chance))),
        lambda: "(" * deep + "0" + ",)" * deep,
    )


def pasted(chance: Chance) -> str:
    """What is pasted into an array, or typed for all of its numbers."""
    return _one_of(
        chance,
        lambda: numbers(chance),
        lambda: damaged(chance, numbers(chance)),
        lambda: noise(chance),
        lambda: "\n".join("\t".join(cell(chance) for _ in range(3)) for _ in range(chance.randint(1, 4))),
        lambda: chance.choice(("1 ", "[1", "1\n", "[[1, 2], ", "((")) * chance.choice((10, 2000, 30_000)),
        lambda: f"Array({numbers(chance)}, dtype={noise(chance, 2)})",
    )


def cell(chance: Chance) -> str:
    """What is typed into a cell."""
    return _one_of(
        chance,
        lambda: str(chance.randint(-99, 99)),
        lambda: f"{chance.choice(NUMBERS)!r}",
        lambda: damaged(chance, f"{chance.uniform(-9, 9):.3g}"),
        lambda: noise(chance, 3),
        lambda: chance.choice(("9", "0", "1e", " ", "-")) * chance.choice((400, 5000, 50_000)),
    )


def query(chance: Chance) -> str:
    """The query of a link."""
    return _one_of(
        chance,
        lambda: damaged(chance, _good_query(chance)),
        lambda: urlencode([(name, _field(chance, name, text)) for name, text in _pairs(chance)], errors="replace"),
        lambda: urlencode(_fields(chance), errors="replace"),
        lambda: f"{_good_query(chance)}&{_good_query(chance)}",
        lambda: quote(chance.randbytes(chance.randint(0, 60))),
        lambda: noise(chance),
        lambda: f"x_batch={chance.choice(('1_', '1~', '9', '%5B')) * chance.choice((10, 900, 30_000))}",
    )


def command(chance: Chance) -> Any:
    """What is asked for on the drawn call."""
    wish = _good_command(chance)
    if chance.random() < 0.3:
        return wish
    if chance.random() < 0.1:
        return value(chance)
    return {str(name): value(chance) if chance.random() < 0.4 else inside for name, inside in _with_extra(chance, wish)}


def saved_comparison(chance: Chance) -> bytes:
    """A file with one call's figures."""
    return _file(chance, COMPARISON.to_json())


def saved_sweep(chance: Chance) -> bytes:
    """A file with a sweep's figures."""
    return _file(chance, SWEEPS[chance.random() < 0.5].to_json())


def _file(chance: Chance, text: str) -> bytes:
    return _one_of(
        chance,
        lambda: text.encode(),
        *[lambda: json.dumps(_changed(chance, json.loads(text))).encode()] * 8,
        lambda: damaged(chance, text).encode(errors="surrogatepass"),
        lambda: text.replace("{", '{"name": "twice", ', chance.randint(1, 3)).encode(),
        lambda: text.replace("52", "9" * chance.choice((12, 400, 5000)), 1).encode(),
        lambda: (text[: chance.randint(0, len(text))] + "[" * chance.choice((10, 100_000))).encode(),
        lambda: chance.randbytes(chance.randint(0, 200)),
        lambda: text.encode(chance.choice(("utf-16", "utf-32", "utf-8-sig"))),
    )


def _changed(chance: Chance, whole: Any) -> Any:
    """The same with something else at one place, or at two."""
    for _ in range(chance.choice((1, 1, 1, 2))):
        inside = whole
        while True:
            places = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            place = chance.choice(places) if places else None
            if place is None or not isinstance(inside[place], dict | list) or chance.random() < 0.1:
                break
            inside = inside[place]
        _change(chance, inside, place)
    return whole


def _change(chance: Chance, inside: Any, place: Any) -> None:
    what = chance.random()
    if what < 0.15 and isinstance(inside, dict):
        inside[chance.choice((*NAMES, "extra", "size"))] = value(chance)
    elif place is None:
        return
    elif what < 0.25:
        del inside[place]
    elif what < 0.35 and isinstance(inside, list):
        inside += [inside[place]] * chance.choice((1, 70, 5001))
    elif what < 0.55 and isinstance(inside[place], int | float):
        inside[place] = chance.choice(NUMBERS)
    elif what < 0.7 and isinstance(inside[place], str):
        inside[place] = chance.choice((*NAMES, noise(chance, 3), damaged(chance, inside[place])))
    else:
        inside[place] = value(chance)


def _one_of(chance: Chance, *draws: Callable[[], Drawn]) -> Drawn:
    return chance.choice(draws)()


def _code(chance: Chance) -> int:
    return chance.choice((chance.randrange(0x80), chance.randrange(0x3000), chance.randrange(0x110000)))


def _nested(depth: int) -> Any:
    found: Any = 0
    for _ in range(depth):
        found = [found]
    return found


def _literal(chance: Chance, depth: int = 0) -> Any:
    if depth < 4 and chance.random() < 0.5:
        inside = [_literal(chance, depth + 1) for _ in range(chance.choice((0, 1, 2, 2, 2, 3, 9)))]
        return inside if chance.random() < 0.5 else tuple(inside)
    return chance.choice((None, True, 0, 1, -1, 2, -3, 99, 2**70, 0.0, 1.0, 1e300, 1j, b"a", noise(chance, 2)))


def _good_query(chance: Chance) -> str:
    preset = presets.PRESETS[chance.choice(list(presets.PRESETS))]
    view = View(chance.choice(link.PAGES), preset.name if chance.random() < 0.5 else None, preset.strategy)
    return link.encode(preset.scenario, view)


def _pairs(chance: Chance) -> list[tuple[str, str]]:
    pairs = [tuple(pair.split("=", 1)) for pair in _good_query(chance).split("&")]
    return [(pair[0], pair[-1]) for pair in pairs]


def _field(chance: Chance, name: str, text: str) -> str:
    """One field of a link: as it is, or something else that might stand there."""
    if chance.random() < 0.8:
        return text
    draw: Callable[[Chance], str] = chance.choice((noise, axes if name.endswith("axes") else numbers, cell))
    return draw(chance)


def _fields(chance: Chance) -> list[tuple[str, str]]:
    fields: dict[str, Callable[[], str]] = {
        "preset": lambda: chance.choice([*presets.PRESETS, noise(chance)]),
        "v": lambda: chance.choice(("1", "2", "2", "3", noise(chance))),
        "inner_in_axes": lambda: axes(chance),
        "spec": lambda: noise(chance),
        "keywords_from": lambda: chance.choice(("x_batch", "y_batch", noise(chance))),
        "view": lambda: chance.choice((*link.PAGES, noise(chance))),
        "strategy": lambda: chance.choice(("loop", "jit", noise(chance))),
        "large": lambda: chance.choice(("0", "1", "2")),
        "run": lambda: noise(chance),
        "x_batch": lambda: pasted(chance),
        "y_batch": lambda: numbers(chance),
        "x_batch.dtype": lambda: chance.choice(("int32", "float32", noise(chance))),
        "y_batch.T": lambda: chance.choice(("0", "1", noise(chance))),
        "in_axes": lambda: axes(chance),
        "out_axes": lambda: axes(chance),
        noise(chance, 3): lambda: noise(chance),
    }
    drawn = chance.sample(list(fields), chance.randint(1, 4))
    pairs = [(name, fields[name]()) for name in drawn]
    return pairs + pairs[:1] * (chance.random() < 0.1)


def _good_command(chance: Chance) -> dict[str, Any]:
    name, index = chance.choice(ARRAYS), [chance.randint(0, 4) for _ in range(2)]
    wishes: tuple[dict[str, Any], ...] = (
        {"kind": "cell", "array": name, "index": index, "text": cell(chance)},
        {"kind": "paste", "array": name, "index": index, "text": pasted(chance)},
        {"kind": "numbers", "array": name, "text": pasted(chance)},
        {"kind": "size", "array": name, "edge": chance.choice(("rows", "columns")), "size": chance.randint(3, 5)},
        {"kind": "dtype", "array": name, "dtype": chance.choice(("int32", "float32"))},
        {"kind": "transposed", "array": name, "transposed": chance.random() < 0.5},
        {"kind": "axis", "array": chance.choice((*ARRAYS, "result")), "axis": chance.choice((None, 0, 1, 2))},
        {"kind": "typed", "place": chance.choice(("in_axes", "out_axes")), "text": axes(chance)},
        {"kind": "axes", "in_axes": axes(chance), "out_axes": axes(chance)},
        {"kind": "batched", "batched": chance.random() < 0.8},
        {"kind": "keyword", "array": name, "keyword": chance.random() < 0.5},
        {"kind": "nested", "nested": chance.random() < 0.5},
    )
    assert {wish["kind"] for wish in wishes} == set(commands.KINDS)
    return chance.choice(wishes)


def _with_extra(chance: Chance, wish: dict[str, Any]) -> list[tuple[Any, Any]]:
    extra = [(chance.choice((*NAMES, *wish)), value(chance))] * (chance.random() < 0.2)
    kept = [pair for pair in wish.items() if chance.random() < 0.95]
    return [*kept, *extra]


def _timing(name: str, best_s: float) -> Timing:
    return Timing(
        name,
        best_s,
        lower_quartile_s=1.02 * best_s,
        median_s=1.1 * best_s,
        upper_quartile_s=1.3 * best_s,
        mean_s=1.2 * best_s,
        std_s=0.1 * best_s,
        runs=52,
        loops=8,
        spread=0.012,
        confirmed=True,
        first_call_s=0.04,
        programs=3,
        compile_s=0.05,
        dispatches=10,
        flops=60.0,
        unwaited_s=best_s / 2,
        undisturbed=50,
    )


_CONDITIONS = Conditions("cpu", "0.10.2", "3.11.7", 2, ("int32[4, 5]", "float32[4, 3]"), 52, 0.5, 4.0)
_REJECTED = (Rejected("shifted", "wrong", "Its result differs from that of loop by up to 3."),)
_SIZES = (1, 4, 16)


def _sweep(vary: str) -> Saved:
    names = ("loop", "vmap", "jit")
    cells = [(name, size) for name in (COPY, EMPTY, *names) for size in _SIZES]
    found = Sweep(
        "length" if vary == "length" else "batch",
        (*names, "shifted"),
        (*_SIZES, 64),
        _CONDITIONS,
        tuple(Point(size, _timing(name, 1e-5 * size)) for name, size in cells),
        tuple(Stages(name, size, 0.01, 0.01, 0.03) for name, size in cells[2 * len(_SIZES) :]),
        (Skipped("loop", 64, "run", 2.5), Skipped("jit", 64, "compile", 2.5)),
        _REJECTED,
        complete=True,
    )
    return Saved(f"preset=vmap&view=time&run={vary}", sweep=found)


COMPARISON = Saved(
    "preset=vmap&view=time&run=compare",
    comparison=Comparison(
        tuple(
            _timing(name, best_s) for name, best_s in (("loop", 3e-3), ("mathy", 7e-4), ("vmap", 3e-3), ("jit", 8e-6))
        ),
        _REJECTED,
        "loop",
        _CONDITIONS,
    ),
)
SWEEPS = (_sweep("batch"), _sweep("length"))

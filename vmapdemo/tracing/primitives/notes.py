"""What is worth saying about how an operation was rewritten, in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vmapdemo.diagnosis.wording import counted, listed
from vmapdemo.tracing.program import Operation
from vmapdemo.tracing.records import Array


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An operation of the example and the operations that stand in its place in the batched program.

    ``body_results``: what each body of a loop or condition gives.
    """

    operation: Operation
    part: tuple[Operation, ...]
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    body_results: tuple[tuple[Array, ...], ...]
    shared: bool
    size: int

    @property
    def primitive(self) -> str:
        return self.operation.primitive

    @property
    def names(self) -> tuple[str, ...]:
        """The primitives of the part."""
        return tuple(piece.primitive for piece in self.part)

    def params(self, primitive: str) -> dict[str, Any]:
        """The parameters of the first such operation in the part; empty if there is none."""
        return next((dict(piece.equation.params) for piece in self.part if piece.primitive == primitive), {})

    def is_batched(self, place: int) -> bool:
        """Whether the input at this place differs from example to example."""
        return self.inputs[place].axis is not None


def note(rewriting: Rewriting) -> str:
    """One or two sentences, or "" if the operation is shared or simply works on larger arrays."""
    if rewriting.shared:
        return ""
    special = _SPECIAL.get(rewriting.primitive)
    said = special(rewriting) if special is not None else _collective(rewriting)
    return said + _moved(rewriting) if said else _generic(rewriting)


def _dot_general(rewriting: Rewriting) -> str:
    (_, _), (before, _) = rewriting.operation.equation.params["dimension_numbers"]
    after = rewriting.params("dot_general").get("dimension_numbers")
    if after is None:
        return ""
    if len(after[1][0]) > len(before):
        return "A batch dimension was inserted: one product for each example, in a single call."
    shared = rewriting.inputs[0 if rewriting.is_batched(1) else 1].name
    return f"The batch became one more dimension of the product: all examples share `{shared}`."


def _cond(rewriting: Rewriting) -> str:
    if "cond" in rewriting.names:
        return "All examples take the same branch, so still only that one runs."
    branches = len(rewriting.operation.bodies)
    every = "both branches" if branches == 2 else f"all {branches} branches"
    return f"The examples may take different branches: {every} run for every example, and `select_n` picks the results."


def _while(rewriting: Rewriting) -> str:
    if _test_is_batched(rewriting):
        return "The loop runs until every example is done; those that are done keep their values while it goes on."
    return "All examples take the same number of rounds: one loop, each round for the whole batch." + _spread(rewriting)


def _test_is_batched(rewriting: Rewriting) -> bool:
    return any(array.axis is not None for results in rewriting.body_results[:1] for array in results)


def _scan(rewriting: Rewriting) -> str:
    rounds = rewriting.operation.equation.params["length"]
    return f"Still one loop of {counted(rounds, 'round')}: each round does the whole batch." + _spread(rewriting)


def _spread(rewriting: Rewriting) -> str:
    """A carry that starts the same for all examples and then differs is copied before the loop."""
    if "broadcast_in_dim" in rewriting.names:
        return " What starts the same for all examples and then differs was copied for each (`broadcast_in_dim`)."
    return ""


def _dynamic_slice(rewriting: Rewriting) -> str:
    return _by_start(rewriting, 1, "slice", "gather")


def _dynamic_update_slice(rewriting: Rewriting) -> str:
    return _by_start(rewriting, 2, "update", "scatter")


def _by_start(rewriting: Rewriting, first_start: int, noun: str, replacement: str) -> str:
    """JAX replaces these even if all examples start at the same place."""
    if replacement not in rewriting.names:
        return ""
    if any(array.axis is not None for array in rewriting.inputs[first_start:]):
        return f"The start differs from example to example, so the {noun} became a `{replacement}`."
    return f"JAX batches it as a `{replacement}`, although the start is the same for all examples."


def _gather(rewriting: Rewriting) -> str:
    if rewriting.is_batched(0) and rewriting.is_batched(1):
        return "Each example looks up its own places in its own array: `gather` got a batching dimension."
    if rewriting.is_batched(1):
        return f"All examples look up in the same array `{rewriting.inputs[0].name}`, which is not copied."
    return "All examples look up the same places, each in its own array."


def _scatter(rewriting: Rewriting) -> str:
    if rewriting.is_batched(1):
        return "Each example writes to its own places: the `scatter` got a batching dimension." + _copied(rewriting, 0)
    return "All examples write to the same places, each in its own array." + _copied(rewriting, 0)


def _copied(rewriting: Rewriting, place: int) -> str:
    name = rewriting.inputs[place].name
    return "" if rewriting.is_batched(place) else f" `{name}` was copied for each example (`broadcast_in_dim`)."


def _conv(rewriting: Rewriting) -> str:
    if rewriting.is_batched(0) and rewriting.is_batched(1):
        return "A kernel for each example: the batch became groups of features (`reshape` there and back)."
    if rewriting.is_batched(0):
        return "The batch was merged with the convolution's own batch dimension (`reshape` there and back)."
    return "A kernel for each example over shared data: the batch was merged with the features (`reshape`)."


def _random_bits(rewriting: Rewriting) -> str:
    return "Each example has its own key, so each draws its own numbers."


def _new_key(rewriting: Rewriting) -> str:
    if rewriting.is_batched(0):
        return "Each example has its own key, so each gets a new key of its own."
    return "One key for all examples, but each folds in a number of its own: each gets its own key."


def _custom_linear_solve(rewriting: Rewriting) -> str:
    """The right-hand sides come last, as many as there are results; what comes before makes up the matrix."""
    if any(array.axis is not None for array in rewriting.inputs[: -len(rewriting.outputs)]):
        return "Each example has its own matrix: the solver inside runs on all of them at once."
    return "One matrix for all examples: each example is one more right-hand side."


_SPECIAL: dict[str, Callable[[Rewriting], str]] = {
    "dot_general": _dot_general,
    "cond": _cond,
    "while": _while,
    "scan": _scan,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "gather": _gather,
    "scatter": _scatter,
    "scatter-add": _scatter,
    "scatter-mul": _scatter,
    "scatter-min": _scatter,
    "scatter-max": _scatter,
    "conv_general_dilated": _conv,
    "random_bits": _random_bits,
    "random_split": _new_key,
    "random_fold_in": _new_key,
    "custom_linear_solve": _custom_linear_solve,
}

_COLLECTIVES = {
    "psum": "Adds along the batch axis: one sum, the same for all examples.",
    "pmax": "Takes the maximum along the batch axis: one result, the same for all examples.",
    "pmin": "Takes the minimum along the batch axis: one result, the same for all examples.",
    "axis_index": "The number of each example, 0 to {last}, as one array.",
    "all_gather": "Every example sees the arrays of all: the batch axis became an ordinary axis.",
    "all_to_all": "The batch axis changed places with an axis of the example.",
    "ppermute": "Examples pass their arrays on: a `gather` along the batch axis.",
    "psum_scatter": "Adds along the batch axis and leaves each example its own piece.",
    "reduce_scatter": "Adds along the batch axis and leaves each example its own piece.",
}


def _collective(rewriting: Rewriting) -> str:
    return _COLLECTIVES.get(rewriting.primitive, "").format(last=rewriting.size - 1)


def _generic(rewriting: Rewriting) -> str:
    said = [_shifted(rewriting), _put_in(rewriting)]
    return " ".join(part for part in said if part)


_PLACES = ("axes", "axis", "dimension", "dimensions", "permutation")


def _shifted(rewriting: Rewriting) -> str:
    """Parameters that name axes count the batch axis too."""
    before, after = rewriting.operation.equation.params, rewriting.params(rewriting.primitive)
    for name in _PLACES:
        if name in before and name in after and before[name] != after[name]:
            return f"`{name}` counts the batch axis too: {_plain(before[name])} became {_plain(after[name])}."
    return ""


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return str(tuple(entry if isinstance(entry, str) else int(entry) for entry in value))
    return str(value)


def _put_in(rewriting: Rewriting) -> str:
    """The operations besides the operation itself, or in its place."""
    others = [name for name in rewriting.names if name != rewriting.primitive]
    if rewriting.primitive not in rewriting.names:
        return f"Became {listed(rewriting.names)}." if others else "Nothing is left of it in the batched program."
    said = [_PUT_IN[name] for name in dict.fromkeys(others) if name in _PUT_IN]
    rest = [name for name in dict.fromkeys(others) if name not in _PUT_IN]
    if rest:
        said.append(f"{listed(rest)} {'was' if len(rest) == 1 else 'were'} inserted.")
    return " ".join(said)


_PUT_IN = {
    "transpose": "A `transpose` was inserted to move the batch axis.",
    "broadcast_in_dim": "A `broadcast_in_dim` was inserted to line the arrays up.",
    "reshape": "A `reshape` was inserted to line the arrays up.",
}


def _moved(rewriting: Rewriting) -> str:
    return f" {_PUT_IN['transpose']}" if "transpose" in rewriting.names else ""

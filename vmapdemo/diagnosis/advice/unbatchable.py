"""Which operation of a function has no batched form, and what to set or write so that it has one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import Jaxpr, JaxprEqn, jaxprs_in_params

from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.probe.source_line import SourceLine, line_of
from vmapdemo.jax_internals import CALLS, bind

BATCH = 2
"""How many examples an operation is tried with."""

_CUSTOM = "custom_vmap_call"


@dataclass(frozen=True, slots=True)
class Unbatchable:
    """An operation without a batched form, its parameters, and the caller's line that it comes from."""

    primitive: str
    params: dict[str, Any]
    line: SourceLine | None


def unbatchable_advice(mapped: MappedCall, probe: Probe) -> tuple[str, ...]:
    """The operation that cannot be batched, its line, and what to set; empty if none is found."""
    program = probe.program(mapped)
    found = None if program is None else _first_unbatchable(program.jaxpr)
    if found is None:
        return ()
    where = f" ({found.line})" if found.line is not None else ""
    return (f"`{found.primitive}` has no batched form here{where}: {_remedy(found)}",)


def _first_unbatchable(jaxpr: Jaxpr) -> Unbatchable | None:
    """Each operation is batched alone. Only a rule of the caller's own is not tried, since that would run it."""
    operations = list(_operations(jaxpr, None))
    for equation, line in operations:
        if equation.primitive.name != _CUSTOM and not _can_be_batched(equation):
            return Unbatchable(equation.primitive.name, dict(equation.params), line)
    for equation, line in operations:
        if equation.primitive.name == _CUSTOM:
            return Unbatchable(_CUSTOM, dict(equation.params), line)
    return None


def _operations(jaxpr: Jaxpr, caller: SourceLine | None) -> Iterator[tuple[JaxprEqn, SourceLine | None]]:
    """Every operation with its line, those inside functions, loops and branches before these."""
    for equation in jaxpr.eqns:
        line = line_of(equation, jaxpr, caller)
        if equation.primitive.name != _CUSTOM:
            for inner in jaxprs_in_params(equation.params):
                yield from _operations(inner, line)
        if equation.primitive.name not in CALLS:
            yield equation, line


def _can_be_batched(equation: JaxprEqn) -> bool:
    avals: list[Any] = [atom.aval for atom in equation.invars]
    structs = [jax.ShapeDtypeStruct((BATCH, *aval.shape), aval.dtype) for aval in avals]
    try:
        jax.eval_shape(jax.vmap(lambda *values: bind(equation, values), axis_size=BATCH), *structs)
    except NameError:  # a collective: its name is known outside
        return True
    except Exception:
        return False
    return True


def _remedy(found: Unbatchable) -> str:
    match found.primitive:
        case "pure_callback" | "ffi_call":
            return (
                'say how with `vmap_method`: "sequential" calls it once for each example, "expand_dims" or '
                '"broadcast_all" once with the whole batch, for functions that take leading axes.'
            )
        case "io_callback" | "debug_callback" if found.params.get("ordered", found.primitive == "io_callback"):
            return "one that is ordered cannot be batched. Leave out `ordered=True`, or call it outside of the vmap."
        case "custom_vmap_call":
            return (
                "its `def_vmap` rule is refused. A rule gets (axis_size, in_batched, *args) and returns two things: "
                "the batched results, and for each of them whether it is batched, as a tree of the same structure."
            )
        case "while" | "cond" | "scan":
            return "it has an effect in its body, such as a callback. Move that out of it, or out of the vmap."
    return (
        "wrap what calls it in `jax.custom_batching.sequential_vmap`, which runs the examples one after the other, or "
        "give it a rule with `jax.custom_batching.custom_vmap`."
    )

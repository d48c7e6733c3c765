"""What goes in and out of the body of a scan: constants, what is carried, and columns of what it goes along."""

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn


def open_jaxpr(held: ClosedJaxpr | Jaxpr) -> Jaxpr:
    """The program itself, where a parameter may hold it with or without its constants."""
    return held.jaxpr if isinstance(held, ClosedJaxpr) else held


def carried_places(equation: JaxprEqn) -> tuple[int, int]:
    """The first input of a scan that is carried, and the first after those.

    Read from shapes, since JAX names the parameters that say it otherwise from version to version: what is carried goes
    in and comes out as it is in the body, while columns have one axis more outside.
    """
    body = open_jaxpr(equation.params["jaxpr"])
    carried = sum(_have_one_rank(out, inner) for out, inner in zip(equation.outvars, body.outvars, strict=True))
    columns = sum(not _have_one_rank(given, inner) for given, inner in zip(equation.invars, body.invars, strict=True))
    last = len(equation.invars) - columns
    return last - carried, last


def _have_one_rank(outside: object, inside: object) -> bool:
    return len(outside.aval.shape) == len(inside.aval.shape)  # type: ignore[attr-defined]

"""The call as Python text, to show and to paste."""

from typing import Any

from vmapdemo.diagnosis.call import Call


def vmap_expression(function: str, in_axes: Any, out_axes: Any, **options: Any) -> str:
    """``jax.vmap(convolve, in_axes=(1, 0), out_axes=0)``, with further options where given."""
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"jax.vmap({function}, in_axes={in_axes!r}, out_axes={out_axes!r}{more})"


def vmap_code(call: Call, in_axes: Any, out_axes: Any) -> str:
    """The whole call with these axes, in the caller's names."""
    return vmap_expression(call.written_function, in_axes, out_axes, **call.options.given()) + _arguments(call)


def nested_vmap_code(call: Call, in_axes: list[Any], out_axes: Any) -> str:
    """The whole call as nested vmaps, the first of in_axes outermost, in the caller's names."""
    outermost, *inner = in_axes
    function = call.written_function
    for axes in reversed(inner):
        function = f"jax.vmap({function}, in_axes={axes!r})"
    last = "" if out_axes == 0 and out_axes is not False else f", out_axes={out_axes!r}"
    return f"jax.vmap({function}, in_axes={outermost!r}{last}){_arguments(call)}"


def _arguments(call: Call) -> str:
    return f"({', '.join(call.written_arguments)})"

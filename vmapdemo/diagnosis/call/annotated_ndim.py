"""How many axes a function's arguments have, if its annotations say it."""

import inspect
from collections.abc import Callable
from typing import Any


def annotated_ndim(function: Callable[..., Any], arguments: int) -> tuple[int | None, ...] | None:
    """The number of axes of each positional argument inside the function, None if it is not known.

    From annotations as jaxtyping writes them: ``Float[Array, "n 3"]`` has two axes.
    """
    found = tuple(_annotated_ndim(annotation) for annotation in _annotations(function)[:arguments])
    return found if any(ndim is not None for ndim in found) else None


def _annotations(function: Callable[..., Any]) -> list[Any]:
    """The annotations of the parameters in their order; those that are text are evaluated if possible."""
    for evaluated in (True, False):
        try:
            parameters = inspect.signature(function, eval_str=evaluated).parameters.values()
        except Exception:  # an annotation that is text may raise anything when it is evaluated
            continue
        return [parameter.annotation for parameter in parameters]
    return []


def _annotated_ndim(annotation: Any) -> int | None:
    """The number of axes that ``dim_str`` lists; None if there is none, or if ``...`` stands for any number."""
    dimensions = getattr(annotation, "dim_str", None)
    if not isinstance(dimensions, str):
        return None
    names = dimensions.split()
    return None if any(name == "..." or name.startswith(("*", "#*", "?*")) for name in names) else len(names)

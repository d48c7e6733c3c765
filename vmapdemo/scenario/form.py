"""A scenario without its arrays: which function is called, how its arrays are assembled, and how it is batched.

Everything that computes takes the arrays laid out flat, in the order in which they are drawn; JAX takes them as the
function does, in dicts and by keyword. A Form goes from the one to the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from typing import Any, TypeVar

import jax

from vmapdemo.gallery.catalogue import entry_of
from vmapdemo.gallery.entry import Entry
from vmapdemo.parsing import read_literal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Form:
    """``in_axes`` and ``out_axes`` as text, since lists and dicts cannot be hashed; ``inner`` those of an inner vmap.

    ``keywords``: the parameters that are passed by keyword, under the names that a page has for them.
    """

    function: str
    in_axes: str
    out_axes: str
    keywords: tuple[str, ...] = ()
    inner: tuple[str, str] | None = None
    spec: str | None = None

    @property
    def entry(self) -> Entry:
        """The function's page in the gallery."""
        return entry_of(self.function, self.spec)

    @property
    def axes(self) -> tuple[Any, Any]:
        """in_axes and out_axes of the outer vmap."""
        return read_literal(self.in_axes), read_literal(self.out_axes)

    @property
    def is_flat(self) -> bool:
        """Whether every array is an argument by position, so that nothing has to be assembled."""
        return not self.keywords and len(self.entry.leaves) == len(self.entry.parameters)

    def called(self, leaves: Iterable[T]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments by position and those by keyword, from the arrays in the order of the parameters."""
        values = self.entry.assembled(leaves)
        count = len(values) - len(self.keywords)
        names = self.entry.keyword_names[count:]
        return values[:count], dict(zip(names, values[count:], strict=True))

    @property
    def order(self) -> tuple[int, ...]:
        """The positions of the arrays in the order in which JAX lays out the arguments of the call."""
        positions: list[int] = jax.tree.leaves(self.called(range(len(self.entry.leaves))))
        return tuple(positions)

    @property
    def target(self) -> Callable[..., Any]:
        """What the outer vmap maps: the function, or the inner vmap of it."""
        if self.inner is None:
            return self.entry.function
        return _inner(self.entry.function, *self.inner, self.entry.axis_name)

    @property
    def options(self) -> dict[str, Any]:
        """What the outer vmap is given beside its axes."""
        return self._named if self.inner is None else {}

    @property
    def inner_options(self) -> dict[str, Any]:
        """What the inner vmap is given beside its axes: the function sees the name of the axis next to it."""
        return {} if self.inner is None else self._named

    @property
    def _named(self) -> dict[str, Any]:
        name = self.entry.axis_name
        return {} if name is None else {"axis_name": name}

    @property
    def alone(self) -> "Form":
        """The function on one example, however it is batched."""
        return replace(self, in_axes="0", out_axes="0", inner=None)

    def one(self) -> Callable[..., Any]:
        """The function of one example, of the arrays laid out flat."""
        return self.of_leaves(self.entry.function)

    def by_hand(self, strategy: str) -> Callable[..., Any]:
        """The strategy written by hand, of the arrays laid out flat. KeyError where the entry has none."""
        formulation = self.entry.formulation(strategy)
        if formulation is None:
            raise KeyError(strategy)
        batched = formulation.function
        return batched if self.is_flat else lambda *leaves: batched(*self.entry.assembled(leaves))

    def vmapped(self) -> Callable[..., Any]:
        """The batched function, of the arrays laid out flat."""
        return self.of_leaves(jax.vmap(self.target, *self.axes, **self.options))

    def of_leaves(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of the call's arguments as a function of the arrays laid out flat."""
        if self.is_flat:
            return function

        @wraps(function)
        def of_leaves(*leaves: Any) -> Any:
            arguments, keywords = self.called(leaves)
            return function(*arguments, **keywords)

        return of_leaves


@lru_cache(maxsize=64)
def _inner(function: Callable[..., Any], in_axes: str, out_axes: str, axis_name: str | None) -> Callable[..., Any]:
    """The same object for the same axes: who remembers answers about a function knows it by its identity."""
    inner: Callable[..., Any] = jax.vmap(function, read_literal(in_axes), read_literal(out_axes), axis_name=axis_name)
    return inner

"""A size of the result as a formula of the sizes that go in, from a few examples: ``n - 2``, ``n*m``, ``n//2``."""

import itertools
from collections.abc import Callable, Iterator, Sequence

Point = dict[str, int]
Candidate = tuple[str, Callable[[Point], int]]


def formula(points: Sequence[Point], sizes: Sequence[int]) -> str:
    """The first formula that gives every size at its point; empty if none does.

    >>> formula([{"n": 5}, {"n": 6}, {"n": 9}], [3, 4, 7])
    'n - 2'
    """
    pairs = list(zip(points, sizes, strict=True))
    found = (text for text, of in _candidates(pairs) if all(of(point) == size for point, size in pairs))
    return next(found, "")


def _candidates(pairs: list[tuple[Point, int]]) -> Iterator[Candidate]:
    """Constants, multiples, products and quotients of one or two symbols, each shifted so that the first pair fits."""
    first, size = pairs[0]
    yield str(size), lambda point: size
    for name in first:
        for factor in (1, 2, 3):
            yield _shifted(f"{factor}*{name}" if factor > 1 else name, _times(name, factor), first, size)
    for one, other in itertools.combinations(first, 2):
        yield _shifted(f"{one} + {other}", _sum(one, other, 1), first, size)
        yield _shifted(f"{one} - {other}", _sum(one, other, -1), first, size)
        yield _shifted(f"{other} - {one}", _sum(other, one, -1), first, size)
        yield _shifted(f"{one}*{other}", _product(one, other), first, size)
    for name in first:
        yield _shifted(f"{name}**2", _product(name, name), first, size)
        for divisor, shift in itertools.product((2, 3, 4), range(-4, 5)):
            shown = name if shift == 0 else f"({name} {'+' if shift > 0 else '-'} {abs(shift)})"
            yield _shifted(f"{shown}//{divisor}", _quotient(name, shift, divisor), first, size)


def _shifted(text: str, of: Callable[[Point], int], first: Point, size: int) -> Candidate:
    shift = size - of(first)
    if shift == 0:
        return text, of
    return f"{text} {'+' if shift > 0 else '-'} {abs(shift)}", lambda point: of(point) + shift


def _times(name: str, factor: int) -> Callable[[Point], int]:
    return lambda point: factor * point[name]


def _sum(one: str, other: str, sign: int) -> Callable[[Point], int]:
    return lambda point: point[one] + sign * point[other]


def _product(one: str, other: str) -> Callable[[Point], int]:
    return lambda point: point[one] * point[other]


def _quotient(name: str, shift: int, divisor: int) -> Callable[[Point], int]:
    return lambda point: (point[name] + shift) // divisor

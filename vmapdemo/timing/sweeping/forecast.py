"""What a cost will be at the next size, from what it was at the last ones."""

import math
from collections.abc import Mapping
from statistics import linear_regression

# Nothing here grows faster than the square (compiling unrolled code, with 1.6); a steeper line is a disturbed point.
_STEEPEST = 2.0
# Three points rather than two: a first call beside a busy neighbour is easily off by a factor of two.
_POINTS = 3


def predicted(known: Mapping[int, float], size: int) -> float | None:
    """The cost at `size` in seconds: a power law through the three known sizes nearest to it; None where none is known.

    The exponent is between 0 and 2. Of the one that two sizes give, half is believed, since either may be disturbed;
    from one size it is taken for the same at every size.

    >>> predicted({4: 0.01}, 64), predicted({}, 64), round(predicted({4: 0.01, 8: 0.02, 16: 0.04}, 64), 9)
    (0.01, None, 0.16)
    """
    nearest = sorted(known, key=lambda other: abs(math.log(size / other)))[:_POINTS]
    costs = [math.log(max(known[other], 1e-9)) for other in nearest]
    if len(nearest) < 2:
        return known[nearest[0]] if nearest else None
    sizes = [math.log(other) for other in nearest]
    believed = 1.0 if len(nearest) == _POINTS else 0.5
    slope = believed * min(max(linear_regression(sizes, costs).slope, 0.0), _STEEPEST)
    middle = sum(costs) / len(costs) + slope * (math.log(size) - sum(sizes) / len(sizes))
    return math.exp(middle)

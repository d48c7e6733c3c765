"""Every function of the gallery for one example, written without JAX, and the batch by slices and a stack."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from vmapdemo.scenario.scenario import Scenario


def convolve(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The notebook's function, for a scalar as for a vector of taps."""
    return np.array([np.dot(x[i - 1 : i + 2], y) for i in range(1, len(x) - 1)])


def smooth(series: np.ndarray, factor: np.ndarray) -> np.ndarray:
    levels = [series[0]]
    for number in series[1:]:
        levels.append(levels[-1] + factor * (number - levels[-1]))
    return np.array(levels)


def slope_row(sides: np.ndarray, direction: np.ndarray) -> np.ndarray:
    width, height = sides
    return direction @ np.array([[height, width], [2, 2], [2 * width, 2 * height]])


def dense(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.tanh(x @ (weights / np.linalg.norm(weights, axis=0)) + bias)


def softmax(scores: np.ndarray, temperature: Any = 1.0) -> np.ndarray:
    powers = np.exp(scores / temperature)
    return powers / powers.sum()


def attend(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return softmax(keys @ query) @ values


def fit_gradient(slopes: np.ndarray, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    return 2 * (slopes @ x - target) * x


def noisy(seed: np.ndarray, signal: np.ndarray) -> np.ndarray:
    """NumPy has no generator that gives the numbers of JAX."""
    return signal + np.asarray(jax.random.normal(jax.random.key(int(seed)), signal.shape))


def clipped_step(params: np.ndarray, gradient: np.ndarray, limit: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(gradient)
    return params - (gradient if norm <= limit else gradient * (limit / norm))


def orbit(start: np.ndarray, stiffness: np.ndarray) -> np.ndarray:
    (position, speed), positions = start, []
    for _ in range(5):
        speed = speed - stiffness * position * 0.5
        position = position + speed * 0.5
        positions.append(position)
    return np.array(positions)


def world_step(world: np.ndarray, push: np.ndarray) -> np.ndarray:
    speed = world[1] + push
    position = world[0] + speed
    return np.array([0, 0]) if abs(position) > 10 else np.array([position, speed])


def to_nearest(point: np.ndarray, centres: np.ndarray) -> np.ndarray:
    nearest: np.ndarray = min(centres, key=lambda centre: float(np.linalg.norm(centre - point))) - point
    return nearest


def newton_root(number: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.sqrt(number)


IN_NUMPY: dict[str, Callable[..., Any]] = {
    "convolve": convolve,
    "running_total": np.cumsum,
    "smooth": smooth,
    "crop": lambda signal, start: signal[start : start + 3],
    "polynomial": lambda coefficients, x: np.polyval(coefficients[::-1], x),
    "solve": np.linalg.solve,
    "distances": lambda point, centres: np.linalg.norm(centres - point, axis=1),
    "covariance": lambda samples: np.cov(samples, rowvar=False, bias=True),
    "slope_row": slope_row,
    "dense": dense,
    "softmax": softmax,
    "attend": attend,
    "fit_gradient": fit_gradient,
    "category": lambda probabilities, number: np.searchsorted(np.cumsum(probabilities), number, side="right"),
    "noisy": noisy,
    "clipped_step": clipped_step,
    "newton_root": newton_root,
    "masked_mean": lambda row, length: row[:length].mean(),
    "orbit": orbit,
    "world_step": world_step,
    "to_nearest": to_nearest,
    "embed": lambda table, word: table[word],
    "interpolate": np.interp,
}


def expected(scenario: Scenario) -> np.ndarray:
    """Slice, call, stack: nothing of vmapdemo or JAX takes part."""
    function = IN_NUMPY[scenario.function]
    passed = [argument.array for argument in scenario.arguments]
    if not scenario.batched:
        return np.asarray(function(*passed))
    in_axes = scenario.in_axes if isinstance(scenario.in_axes, (tuple, list)) else [scenario.in_axes] * len(passed)
    size = next(array.shape[axis] for array, axis in zip(passed, in_axes, strict=True) if axis is not None)
    pairs = [
        [array if axis is None else array.take(index, axis) for array, axis in zip(passed, in_axes, strict=True)]
        for index in range(size)
    ]
    return np.stack([np.asarray(function(*pair)) for pair in pairs], axis=scenario.out_axes)

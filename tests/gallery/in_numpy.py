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


def noisy(key: jax.Array, reading: np.ndarray) -> np.ndarray:
    """NumPy has no generator that gives the numbers of JAX."""
    return reading + np.asarray(jax.random.normal(key))


def bootstrap(key: jax.Array, sample: np.ndarray) -> np.ndarray:
    drawn = np.asarray(jax.random.randint(key, sample.shape, 0, len(sample)))
    return np.asarray(sample[drawn].mean())


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
    "total": np.sum,
    "centre": lambda row: row - row.mean(),
    "extent": lambda row: np.array([row.min(), row.max(), row.sum()]),
    "inner": np.dot,
    "pair": lambda tens, ones: 10 * tens + ones,
    "calibrate": np.multiply,
    "convolve": convolve,
    "running_total": np.cumsum,
    "smooth": smooth,
    "crop": lambda signal, start: signal[start : start + 3],
    "polynomial": lambda coefficients, x: np.polyval(coefficients[::-1], x),
    "solve": np.linalg.solve,
    "covariance": lambda samples: np.cov(samples, rowvar=False, bias=True),
    "slope_row": slope_row,
    "dense": dense,
    "softmax": softmax,
    "attend": attend,
    "fit_gradient": fit_gradient,
    "category": lambda probabilities, number: np.searchsorted(np.cumsum(probabilities), number, side="right"),
    "noisy": noisy,
    "bootstrap": bootstrap,
    "predict": lambda params, x: np.maximum(x @ params["w"] + params["b"], 0),
    "distance": lambda point, place: np.linalg.norm(place - point),
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
    """Slice, call, stack: neither vmapdemo's batching nor JAX's takes part."""
    passed = [argument.passed for argument in scenario.arguments]
    if scenario.function == "batch_normalised":
        return _normalised(passed[0], scenario.in_axes, scenario.out_axes)
    one = _of_leaves(scenario)
    if not scenario.batched:
        return np.asarray(one(*passed))
    if scenario.inner is not None:
        one = _sliced(one, _leaf_axes(scenario, scenario.inner.in_axes), scenario.inner.out_axes)
    return np.asarray(_sliced(one, _leaf_axes(scenario, scenario.in_axes), scenario.out_axes)(*passed))


def _of_leaves(scenario: Scenario) -> Callable[..., Any]:
    if scenario.spec is not None:
        return lambda a, b: np.einsum(scenario.spec, a, b)  # type: ignore[call-overload]
    function = IN_NUMPY[scenario.function]
    return lambda *leaves: function(*scenario.entry.assembled(leaves))


def _leaf_axes(scenario: Scenario, in_axes: Any) -> list[Any]:
    """An axis for each array: in_axes says one for all, one for each argument, or a dict of them."""
    roots = list(dict.fromkeys(argument.root for argument in scenario.arguments))
    entries = in_axes if isinstance(in_axes, (tuple, list)) else [in_axes] * len(roots)
    by_root = dict(zip(roots, [*entries, *[0] * len(scenario.keywords)], strict=True))
    found = ((by_root[argument.root], argument.entry_key) for argument in scenario.arguments)
    return [entry[key] if isinstance(entry, dict) else entry for entry, key in found]


def _sliced(one: Callable[..., Any], axes: list[Any], out_axes: Any) -> Callable[..., np.ndarray]:
    def batched(*leaves: Any) -> np.ndarray:
        size = next(array.shape[axis] for array, axis in zip(leaves, axes, strict=True) if axis is not None)
        rounds = [
            [
                a if axis is None else np.moveaxis(a, axis, 0)[i] if isinstance(a, np.ndarray) else a[i]
                for a, axis in zip(leaves, axes, strict=True)
            ]
            for i in range(size)
        ]
        return np.stack([np.asarray(one(*leaves)) for leaves in rounds], axis=out_axes)

    return batched


def _normalised(batch: np.ndarray, axis: int, out_axes: int) -> np.ndarray:
    x = np.moveaxis(batch, axis, 0)
    return np.moveaxis((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5), 0, out_axes)

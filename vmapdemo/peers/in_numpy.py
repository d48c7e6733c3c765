"""``convolve`` batched by NumPy: shapes (b, n), (b, 3) -> (b, n - 2), n >= 3; int32 with float32 gives float64 here.

Tried as well at 4096x256: adding in place, and blocks of 16 to 256 examples with buffers that stay in the cache.
Neither is more than 6 % faster: the time goes into rows of a few hundred numbers, each an inner loop of its own.
"""

import numpy as np


def shifted(x_batch: np.ndarray, y_batch: np.ndarray) -> np.ndarray:
    """A sum of three shifted slices. The same text serves torch, whose tensors take slices and ``*`` alike."""
    windows = x_batch.shape[-1] - 2
    first, second, third = (x_batch[:, tap : tap + windows] * y_batch[:, tap, None] for tap in range(3))
    total: np.ndarray = first + second + third
    return total


def windows_einsum(x_batch: np.ndarray, y_batch: np.ndarray) -> np.ndarray:
    """A view of all windows, without a copy, then one contraction."""
    windows = np.lib.stride_tricks.sliding_window_view(x_batch, 3, axis=1)
    contracted: np.ndarray = np.einsum("bwt,bt->bw", windows, y_batch)
    return contracted


def row_by_row(x_batch: np.ndarray, y_batch: np.ndarray) -> np.ndarray:
    """``np.correlate`` on one example after the other: a compiled convolution inside a Python loop."""
    return np.stack([np.correlate(x, y, mode="valid") for x, y in zip(x_batch, y_batch, strict=True)])

"""``convolve`` batched by PyTorch, on its own tensors: shapes (b, n), (b, 3) -> (b, n - 2), n >= 3."""

import importlib
from importlib.util import find_spec
from typing import Any

from vmapdemo.peers import in_numpy

# Only who asks for these functions needs torch: reading this module must not.
torch: Any = importlib.import_module("torch") if find_spec("torch") else None

shifted = in_numpy.shifted


def tensors(*arrays: Any) -> tuple[Any, ...]:
    """The arrays as tensors of their own on the CPU."""
    return tuple(torch.tensor(array) for array in arrays)


def multiply_in_place(x_batch: Any, y_batch: Any) -> Any:
    """Three shifted slices, each multiplied and added in one pass over the result."""
    windows = x_batch.shape[-1] - 2
    total = x_batch[:, :windows] * y_batch[:, 0, None]
    for tap in (1, 2):
        total.addcmul_(x_batch[:, tap : tap + windows].to(total.dtype), y_batch[:, tap, None])
    return total


def grouped(x_batch: Any, y_batch: Any) -> Any:
    """One ``conv1d``, every example a channel and a group of its own; it takes floating point alone."""
    dtype = torch.promote_types(torch.promote_types(x_batch.dtype, y_batch.dtype), torch.float32)
    signals, kernels = x_batch[None].to(dtype), y_batch[:, None].to(dtype)
    return torch.nn.functional.conv1d(signals, kernels, groups=len(x_batch))[0]


def vmapped(x_batch: Any, y_batch: Any) -> Any:
    """``torch.vmap`` of one example as a sum of three shifted slices."""
    return torch.vmap(_shifted_convolve)(x_batch, y_batch)


def _shifted_convolve(x: Any, y: Any) -> Any:
    windows = x.shape[0] - 2
    return x[:windows] * y[0] + x[1 : windows + 1] * y[1] + x[2:] * y[2]

"""Functions that draw random numbers: a key is an argument like any other, and one key is one draw."""

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter, fractions


def noisy(key: jax.Array, reading: jax.Array) -> jax.Array:
    """A reading with noise of size 1: shapes (), () -> (), the first a random key."""
    return reading + jax.random.normal(key)


def looping_batch_noisy(keys: jax.Array, readings: jax.Array) -> jax.Array:
    """One call of ``noisy`` per example, in Python: shapes (b,), (b,) -> (b,)."""
    return jnp.stack([noisy(*example) for example in zip(keys, readings, strict=True)])


def bootstrap(key: jax.Array, sample: jax.Array) -> jax.Array:
    """The mean of as many numbers as the sample has, drawn from it with repetition: shapes (), (n,) -> ().

    >>> bootstrap(jax.random.key(0), jnp.full(4, 2.0)).item()
    2.0
    """
    drawn = jax.random.randint(key, sample.shape, 0, sample.shape[0])
    return jnp.mean(sample[drawn])


def looping_batch_bootstrap(keys: jax.Array, samples: jax.Array) -> jax.Array:
    """One call of ``bootstrap`` per example, in Python: shapes (b,), (b, n) -> (b,)."""
    return jnp.stack([bootstrap(*example) for example in zip(keys, samples, strict=True)])


def category(probabilities: jax.Array, number: jax.Array) -> jax.Array:
    """The outcome that a number between 0 and 1 falls on: shapes (n,), () -> ().

    >>> category(jnp.array([0.5, 0.25, 0.25]), jnp.array(0.6)).item()
    1
    """
    ends = jnp.cumsum(probabilities)
    return jnp.sum(ends <= number)


def looping_batch_category(probabilities: jax.Array, numbers: jax.Array) -> jax.Array:
    """One call of ``category`` per example, in Python: shapes (b, n), (b,) -> (b,)."""
    return jnp.stack([category(*example) for example in zip(probabilities, numbers, strict=True)])


def _probabilities(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return random.dirichlet(np.ones(shape[-1]), shape[:-1])


PROBABILITIES = (0.5, 0.25, 0.25)
NUMBERS = (0.1, 0.6, 0.9, 0.3)
READINGS = (20, 21.5, 19, 22)
SAMPLE = (2, 3, 5, 9, 12)

CATEGORY = Entry(
    function=category,
    group="Randomness",
    story="A number between 0 and 1 becomes an outcome: it falls on the first half, the next quarter or the last.",
    parameters=(Parameter("probabilities", 1, drawn=_probabilities), Parameter("numbers", 0, drawn=fractions)),
    by_hand=(Formulation("loop", looping_batch_category, walks_examples=True),),
    intended=Example("category", "category of a number", (PROBABILITIES, NUMBERS), (None, 0)),
    loud=Example(
        "category-loud",
        "category, both mapped",
        (PROBABILITIES, NUMBERS),
        0,
        told="in_axes=0 pairs three probabilities with four numbers, where every number needs all three.",
    ),
    silent=Example(
        "category-silent",
        "category of a piece",
        (PROBABILITIES, NUMBERS[1:]),
        0,
        told="As many numbers as outcomes: each number is held against one probability, so that no outcome is 2.",
    ),
)
NOISY = Entry(
    function=noisy,
    group="Randomness",
    story="A reading and its noise: one key is one draw, so that every reading needs a key of its own.",
    parameters=(Parameter("key", 0, "key"), Parameter("reading", 0)),
    by_hand=(Formulation("loop", looping_batch_noisy, walks_examples=True),),
    intended=Example("noisy", "a key for each reading", ((0, 1, 2, 3), READINGS), 0),
    loud=Example(
        "noisy-loud",
        "a lone key",
        (0, READINGS),
        0,
        told="One key has no axis to map: split it into a key for each reading.",
    ),
    silent=Example(
        "noisy-silent",
        "one key for all",
        (0, READINGS),
        (None, 0),
        told="A shared key is one draw: all readings get the same noise.",
    ),
)
BOOTSTRAP = Entry(
    function=bootstrap,
    group="Randomness",
    story="The mean of one sample drawn again and again: the keys are mapped, the sample is shared.",
    parameters=(Parameter("key", 0, "key"), Parameter("sample", 1)),
    by_hand=(Formulation("loop", looping_batch_bootstrap, walks_examples=True),),
    intended=Example("bootstrap", "many resamples of one", ((0, 1, 2), SAMPLE), (0, None)),
    loud=Example(
        "bootstrap-loud",
        "a sample cut into numbers",
        ((0, 1, 2), SAMPLE),
        0,
        told="in_axes=0 takes each number of the sample for an example, and there are more of them than keys.",
    ),
    silent=Example(
        "bootstrap-silent",
        "a number of each sample",
        ((0, 1, 2), ((1, 2, 3), (10, 20, 30), (100, 200, 300))),
        (0, 1),
        told="Three samples of three numbers: along axis 1 every resample mixes all of them.",
        meant=(0, 0),
    ),
    other_mistakes=(
        Example(
            "bootstrap-one-seed",
            "the same seed three times",
            ((7, 7, 7), SAMPLE),
            (0, None),
            told="Three keys from the same seed are the same key: every resample is the same.",
        ),
    ),
)
ENTRIES = (CATEGORY, NOISY, BOOTSTRAP)

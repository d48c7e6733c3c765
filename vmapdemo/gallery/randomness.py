"""Functions with chance in them: how a draw is made of a number, and who gets which noise."""

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter, fractions


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


def noisy(seed: jax.Array, signal: jax.Array) -> jax.Array:
    """A signal with the noise of a seed: shapes (), (n,) -> (n,).

    >>> noisy(jnp.array(1), jnp.zeros(4)).shape
    (4,)
    """
    key = jax.random.key(seed)
    return signal + jax.random.normal(key, signal.shape)


def looping_batch_noisy(seeds: jax.Array, signals: jax.Array) -> jax.Array:
    """One call of ``noisy`` per example, in Python: shapes (b,), (b, n) -> (b, n)."""
    return jnp.stack([noisy(*example) for example in zip(seeds, signals, strict=True)])


def _probabilities(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return random.dirichlet(np.ones(shape[-1]), shape[:-1])


PROBABILITIES = (0.5, 0.25, 0.25)
NUMBERS = (0.1, 0.6, 0.9, 0.3)
SEEDS = (1, 2, 3)
SIGNAL = (10, 20, 30, 20)

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
    story="Three noisy copies of one signal: each has a seed of its own, and so a noise of its own.",
    parameters=(Parameter("seeds", 0, "int32"), Parameter("signal", 1)),
    by_hand=(Formulation("loop", looping_batch_noisy, walks_examples=True),),
    intended=Example("noisy", "noise by seed", (SEEDS, SIGNAL), (0, None)),
    loud=Example(
        "noisy-loud",
        "noisy, signal mapped",
        (SEEDS, SIGNAL),
        0,
        told="in_axes=0 pairs three seeds with the four numbers of one signal.",
    ),
    silent=Example(
        "noisy-silent",
        "noisy, a number each",
        ((*SEEDS, 4), SIGNAL),
        0,
        told="As many seeds as numbers: each seed makes one number noisy, and there is one copy in place of four.",
    ),
    other_mistakes=(
        Example(
            "noisy-one-seed",
            "noisy, one seed for all",
            (1, (SIGNAL, (0, 0, 0, 0), (5, 5, 5, 5))),
            (None, 0),
            told="A seed that is shared makes one noise: every signal gets the same.",
        ),
    ),
)
ENTRIES = (CATEGORY, NOISY)

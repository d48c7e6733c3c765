"""Functions of time: many worlds, or one world under many laws, each step after the one before."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def orbit(start: jax.Array, stiffness: jax.Array) -> jax.Array:
    """Where a mass on a spring is after each of five half seconds: shapes (2,), () -> (5,).

    It starts at a position with a speed; the spring pulls it back by its stiffness for each unit of length.

    >>> orbit(jnp.array([8.0, 0.0]), jnp.array(1.0)).tolist()
    [6.0, 2.5, -1.625, -5.34375, -7.7265625]
    """

    def step(state: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        position, speed = state
        speed = speed - stiffness * position / 2
        position = position + speed / 2
        return jnp.array([position, speed]), position

    _, positions = jax.lax.scan(step, start, length=5)
    return positions


def looping_batch_orbit(starts: jax.Array, stiffness: jax.Array) -> jax.Array:
    """One call of ``orbit`` per example, in Python: shapes (b, 2), (b,) -> (b, 5)."""
    return jnp.stack([orbit(*example) for example in zip(starts, stiffness, strict=True)])


def world_step(world: jax.Array, push: jax.Array) -> jax.Array:
    """The next position and speed of a cart; beyond 10 its world begins anew: shapes (2,), () -> (2,).

    >>> world_step(jnp.array([4.0, 1.0]), jnp.array(2.0)).tolist()
    [7.0, 3.0]
    >>> world_step(jnp.array([9.0, 1.0]), jnp.array(2.0)).tolist()
    [0.0, 0.0]
    """
    speed = world[1] + push
    position = world[0] + speed
    after: jax.Array = jax.lax.cond(
        jnp.abs(position) > 10,
        lambda: jnp.array([0.0, 0.0]),
        lambda: jnp.array([position, speed]),
    )
    return after


def looping_batch_world_step(worlds: jax.Array, pushes: jax.Array) -> jax.Array:
    """One call of ``world_step`` per example, in Python: shapes (b, 2), (b,) -> (b, 2)."""
    return jnp.stack([world_step(*example) for example in zip(worlds, pushes, strict=True)])


START = (8, 0)
STIFFNESS = (1, 2, 4, 0)
WORLDS = ((4, 1), (9, 1), (-3, -2), (0, 0))
PUSHES = (2, 3, -6, 1)

ORBIT = Entry(
    function=orbit,
    group="Simulation",
    story="One start under many laws: a mass on springs of different stiffness, followed through time by a scan.",
    parameters=(Parameter("start", 1), Parameter("stiffness", 0)),
    by_hand=(Formulation("loop", looping_batch_orbit, walks_examples=True),),
    intended=Example("orbit", "orbit of a mass", (START, STIFFNESS), (None, 0)),
    loud=Example(
        "orbit-loud",
        "orbit, the start mapped",
        (START, STIFFNESS),
        0,
        told="Position and speed belong to one start: in_axes=0 takes them for two examples beside four springs.",
    ),
    silent=Example(
        "orbit-silent",
        "orbit, time and springs",
        (START, (*STIFFNESS, 3)),
        (None, 0),
        1,
        told="Five springs and five moments: out_axes=1 puts time first, and the shape does not show it.",
    ),
    others=(
        Example(
            "orbit-starts",
            "orbit from many starts",
            (((8, 0), (0, 4), (-8, 0), (2, 2)), 1),
            (0, None),
            told="The other way round: many starts under one law.",
        ),
    ),
)
WORLD_STEP = Entry(
    function=world_step,
    group="Simulation",
    story="A step of many worlds at once: one that ends begins anew, while the others go on.",
    parameters=(Parameter("worlds", 1), Parameter("pushes", 0)),
    by_hand=(Formulation("loop", looping_batch_world_step, walks_examples=True),),
    intended=Example("world-step", "a step of many worlds", (WORLDS, PUSHES), 0),
    loud=Example(
        "world-step-loud",
        "one push for all worlds",
        (WORLDS, 2),
        0,
        told="One push for all worlds is a number and has no axis to map, so its axis is None.",
        meant=(0, None),
    ),
    silent=Example(
        "world-step-silent",
        "worlds by column",
        (((4, -3), (1, -2)), (2, -6)),
        0,
        told="Positions in one row and speeds in the next: a world is a column here, and in_axes=0 takes the rows.",
        meant=(1, 0),
    ),
)
ENTRIES = (ORBIT, WORLD_STEP)

"""More reports of people who use vmap, in the form of reports.py; the kinds are numbered below.

Where ``source`` names a thread, the call is a small one of our own for that thread's problem; "own" marks one that was
written for this file.
"""

from __future__ import annotations

import dataclasses
import functools
import random
import time
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.experimental import io_callback

from tests.diagnosis.mistakes import Case
from tests.diagnosis.reports import BEHIND, Report

REPORTS = []
seed = jax.random.key(11)
old_seed = jax.random.PRNGKey(11)


# --- 1. a list of trees as the batch


class Particle(NamedTuple):
    mass: float
    velocity: Any
    charge: Any = None


def kinetic(particle):
    return 0.5 * particle.mass * jnp.sum(particle.velocity**2)


particles = tuple(Particle(1.0 + i, jnp.arange(2.0) + i) for i in range(5))


def brightness(sample):
    return jnp.mean(sample["image"]) * sample["exposure"] + sample["label"]


samples = [{"image": jnp.arange(30.0).reshape(6, 5) + i, "label": i, "exposure": 0.5 * i} for i in range(3)]


def perturb(key, place):
    return place + 0.1 * jax.random.normal(key, place.shape)


key_tuple = tuple(jax.random.split(seed, 3))
places = jnp.arange(12.0).reshape(3, 4)


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Track:
    times: Any
    marks: Any
    comment: Any = None


def speed(track):
    return jnp.sum(jnp.diff(track.marks, axis=0) / jnp.diff(track.times)[:, None], axis=0)


tracks = [Track(jnp.arange(float(n)), jnp.ones((n, 2)).cumsum(0)) for n in (7, 4, 9)]

REPORTS += [
    Report(
        Case(
            "a tuple of particles",
            kinetic,
            (particles,),
            {},
            "arguments",
            lambda: jnp.stack([kinetic(p) for p in particles]),
        ),
        "jax#3102",
        "1: a list of trees as the batch",
    ),
    Report(
        Case(
            "samples of a data loader",
            brightness,
            (samples,),
            {},
            "arguments",
            lambda: jnp.stack([brightness(s) for s in samples]),
        ),
        "jax#3102, #24547",
        "1: a list of trees as the batch",
    ),
    Report(
        Case(
            "a tuple of keys beside a batch",
            perturb,
            (key_tuple, places),
            {},
            "arguments",
            lambda: jnp.stack([perturb(k, p) for k, p in zip(key_tuple, places, strict=False)]),
        ),
        "jax#17747",
        "1: a list of trees as the batch",
    ),
    Report(
        Case("tracks of different lengths", speed, (tracks,), {}, "arguments", advice=("pad", "mask")),
        "jax#5000, #24547; probml/dynamax#99",
        "1: ragged trees",
        also=("in_axes",),
    ),
]


# --- 2. one leaf, or several, is a single number


def follow(state, grad):
    w = state["params"]["w"] - 0.1 * grad
    ema = 0.9 * state["ema"] + 0.1 * w
    return {"params": {"w": w}, "ema": ema / (1 - 0.9 ** (state["step"] + 1)), "step": state["step"] + 1}


five_models = {"params": {"w": jnp.arange(15.0).reshape(5, 3)}, "ema": jnp.zeros((5, 3)), "step": 7}
five_grads = jnp.ones((5, 3)) / 3


class Bandit(NamedTuple):
    pulls: Any
    values: Any
    epsilon: float
    decay: float
    clock: Any


def preference(bandit, noise):
    epsilon = bandit.epsilon * bandit.decay**bandit.clock
    bonus = jnp.sqrt(jnp.log1p(bandit.clock) / (1 + bandit.pulls))
    return (1 - epsilon) * (bandit.values + bonus) + epsilon * noise


bandits = Bandit(jnp.arange(18.0).reshape(6, 3), jnp.ones((6, 3)), 0.1, 0.99, jnp.array(12))
noises = jnp.arange(18.0).reshape(6, 3) / 18

REPORTS += [
    Report(
        Case(
            "a step counter in a dict of states",
            follow,
            (five_models, five_grads),
            {},
            "in_axes",
            lambda: jax.vmap(follow, in_axes=({"params": 0, "ema": 0, "step": None}, 0))(five_models, five_grads),
        ),
        "google/flax#2120",
        "2: one leaf of a tree is a single number",
    ),
    Report(
        Case(
            "three settings beside two tables",
            preference,
            (bandits, noises),
            {},
            "in_axes",
            lambda: jax.vmap(preference, in_axes=(Bandit(0, 0, None, None, None), 0))(bandits, noises),
        ),
        "jax#3102 (the field n)",
        "2: several leaves of a tree are single numbers",
    ),
]


# --- 3. keys


def masked_loss(batch):
    keep = jax.random.bernoulli(batch["rng"], 0.7, batch["x"].shape)
    return jnp.sum(jnp.where(keep, batch["x"], 0.0) * batch["y"])


one_batch = {"rng": seed, "x": jnp.arange(28.0).reshape(4, 7), "y": jnp.ones((4, 7))}


class Agent(NamedTuple):
    energy: Any
    rng: Any


def wander(agent):
    return agent.energy + jax.random.uniform(agent.rng, agent.energy.shape)


agents = Agent(jnp.arange(15.0).reshape(5, 3), old_seed)


def dropout(x, *, rng, rate=0.5):
    return jnp.where(jax.random.bernoulli(rng, 1 - rate, x.shape), x / (1 - rate), 0.0)


activations = jnp.arange(1.0, 25.0).reshape(6, 4)

REPORTS += [
    Report(
        Case(
            "one key inside a dict with the batch",
            masked_loss,
            (one_batch,),
            {},
            "arguments",
            lambda: jax.vmap(masked_loss)({**one_batch, "rng": jax.random.split(seed, 4)}),
        ),
        "own; of the kind of equinox#181",
        "3: one key inside a tree",
        also=("in_axes",),
    ),
    Report(
        Case(
            "one old key inside a NamedTuple",
            wander,
            (agents,),
            {},
            "arguments",
            lambda: jax.vmap(wander)(agents._replace(rng=jax.random.split(old_seed, 5))),
        ),
        "own; of the kind of google/brax#8",
        "3: one key inside a tree",
        also=("in_axes",),
    ),
    Report(
        Case(
            "one old key by keyword only",
            dropout,
            (activations,),
            {},
            "arguments",
            lambda: jax.vmap(lambda x, k: dropout(x, rng=k))(activations, jax.random.split(old_seed, 6)),
            kwargs={"rng": old_seed},
        ),
        "patrick-kidger/equinox#181; jax#24406",
        "3: one key by keyword",
    ),
    Report(
        Case(
            "eight keys for five examples",
            perturb,
            (jax.random.split(old_seed, 8), jnp.ones((5, 3))),
            {},
            "arguments",
            advice=("split", "keys"),
        ),
        "PredictiveIntelligenceLab/Physics-informed-DeepONets#3; discs#63",
        "3: how many keys",
        also=("in_axes",),
    ),
]


# --- 4. silent mistakes


def mutate(genes):
    place = random.randrange(genes.shape[0])
    return genes.at[place].add(random.gauss(0.0, 1.0))


def shifted(picture):
    rng = np.random.default_rng()
    return jnp.roll(picture, int(rng.integers(0, 100)), axis=0) + 0.1 * jnp.asarray(rng.normal(size=picture.shape))


def stamped(reading):
    return {"reading": reading * 2, "at": reading * 0 + time.time() % 1000}


class Meter:
    """Keeps what it saw last."""

    def __init__(self, decay):
        self.decay, self.level = decay, 0.0

    def __call__(self, signal):
        self.level = self.decay * jnp.mean(signal**2)
        return signal / jnp.sqrt(1e-3 + jnp.max(signal) ** 2)


def with_history():
    norms = []

    def step(grad):
        norm = jnp.linalg.norm(grad)
        norms.append(norm)
        return grad / (1 + norm)

    return step


signals = jnp.arange(1.0, 13.0).reshape(3, 4)

REPORTS += [
    Report(
        Case("Python's random inside", mutate, (signals,), {}, None, runs=True, caution="shared-random"),
        "own; of the kind of jax#17462",
        "4: random numbers of another library inside",
    ),
    Report(
        Case(
            "a new NumPy generator inside",
            shifted,
            (jnp.arange(40.0).reshape(2, 5, 4),),
            {},
            None,
            runs=True,
            caution="shared-random",
        ),
        "own; of the kind of jax#17462",
        "4: random numbers of another library inside",
    ),
    Report(
        Case(
            "the clock inside", stamped, (jnp.arange(6.0),), {}, None, runs=True, advice=("time.time", "clock", "once")
        ),
        "own; jax docs: pure functions",
        "4: the clock is read once",
    ),
    Report(
        Case(
            "a level kept on self",
            Meter(0.9),
            (signals,),
            {},
            None,
            runs=True,
            advice=("tracer", "level", "leak", "stays", "self"),
        ),
        "jax#3086; jax PR#13022",
        "4: a tracer stays behind",
    ),
    Report(
        Case(
            "a list in the closure",
            with_history(),
            (signals,),
            {},
            None,
            runs=True,
            advice=("tracer", "norms", "leak", "stays", "append"),
        ),
        "jax PR#13022, #7556",
        "4: a tracer stays behind",
    ),
]


# --- 5. two and three batch axes, tables


def move(action, place):
    return jax.lax.switch(action, [lambda p: p + 1, lambda p: p * 2, lambda p: p[::-1]], place)


actions = jnp.array([[0, 1, 2, 1], [2, 2, 0, 1], [1, 0, 0, 2]])
many_places = jnp.arange(24.0).reshape(3, 4, 2)
moved = jnp.stack(
    [jnp.stack([move(a, p) for a, p in zip(*group, strict=False)]) for group in zip(actions, many_places, strict=False)]
)


def affinity(a, b):
    return jnp.exp(-jnp.sum((a - b) ** 2))


def scaled_affinity(a, b, width):
    return jnp.exp(-jnp.sum((a - b) ** 2) / width)


anchors, targets, widths = jnp.arange(18.0).reshape(6, 3) / 9, jnp.arange(12.0).reshape(4, 3) / 6, jnp.arange(1.0, 6.0)
distances = jnp.sum((anchors[:, None] - targets) ** 2, axis=-1)

REPORTS += [
    Report(
        Case("actions of groups of agents", move, (actions, many_places), {}, "in_axes", lambda: moved),
        "instadeepai/jumanji#28 (of its kind)",
        "5: two batch axes, single numbers beside vectors",
        also=("function",),
    ),
    Report(
        Case(
            "all pairs of two sets",
            affinity,
            (anchors, targets),
            {},
            "in_axes",
            lambda: jnp.exp(-distances),
            example_ndim=(1, 1),
        ),
        "jax#705 (of its kind)",
        "5: a table of two batches",
    ),
    Report(
        Case(
            "all pairs at all widths",
            scaled_affinity,
            (anchors, targets, widths),
            {},
            "in_axes",
            lambda: jnp.exp(-distances[..., None] / widths),
            example_ndim=(1, 1, 0),
        ),
        "own; Stack Overflow copies 51tsys.com/article/51380 (of their kind)",
        "5: a table of three batches",
    ),
]


# --- 6. right calls


def nearest_cell(distance, valid):
    """Whole numbers, with the largest as the mark for 'none'."""
    cells = jnp.where(valid, jnp.round(distance / 0.25).astype(jnp.int32), jnp.iinfo(jnp.int32).max)
    return jnp.min(cells), jnp.argmin(cells)


def attention(query, keys, values, visible):
    scores = jnp.where(visible, keys @ query / jnp.sqrt(query.size), -jnp.inf)
    return jax.nn.softmax(scores) @ values


def fnv(words):
    return jax.lax.fori_loop(0, words.size, lambda i, h: (h ^ words[i]) * jnp.uint32(16777619), jnp.uint32(2166136261))


def recur(weights, start, inputs):
    def step(h, x):
        h = jnp.tanh(weights["hh"] @ h + weights["xh"] @ x)
        return h, h

    return jax.lax.scan(step, start, inputs)


recurrent = {"hh": jnp.eye(3) / 2, "xh": jnp.ones((3, 2)) / 5}
sixteen = jnp.arange(16.0).reshape(4, 4) / 16

REPORTS += [
    Report(
        Case("outer products, all sizes four", jnp.outer, (sixteen, sixteen + 1), {}, None, runs=True),
        "own",
        "6: right call: sizes agree by chance",
        clean=True,
    ),
    Report(
        Case("columns of a square in place", jnp.cumsum, (sixteen,), {"in_axes": 1, "out_axes": 1}, None, runs=True),
        "own",
        "6: right call: out_axes=1 of a square",
        clean=True,
    ),
    Report(
        Case(
            "the largest whole number as 'none'",
            nearest_cell,
            (jnp.arange(15.0).reshape(3, 5), jnp.arange(15).reshape(3, 5) < 7),
            {},
            None,
            runs=True,
        ),
        "own",
        "6: right call: sentinel and rounding",
        clean=True,
    ),
    Report(
        Case(
            "attention that hides places",
            attention,
            (jnp.ones((2, 4)), jnp.ones((6, 4)), jnp.arange(18.0).reshape(6, 3), jnp.arange(12).reshape(2, 6) % 3 > 0),
            {"in_axes": (0, None, None, 0)},
            None,
            runs=True,
        ),
        "own; jax.nn.softmax docs",
        "6: right call: a mask of -inf",
        clean=True,
    ),
    Report(
        Case("hashes of words", fnv, (jnp.arange(20, dtype=jnp.uint32).reshape(4, 5) * 7919,), {}, None, runs=True),
        "own",
        "6: right call: bits that wrap around",
        clean=True,
    ),
    Report(
        Case(
            "a recurrent net, time first",
            recur,
            (recurrent, jnp.zeros((5, 3)), jnp.ones((9, 5, 2))),
            {"in_axes": (None, 0, 1), "out_axes": (0, 1)},
            None,
            runs=True,
        ),
        "own; jax.lax.scan docs",
        "6: right call: time-major",
        clean=True,
    ),
]


# --- 7. no batched form

depths, pressures = np.linspace(0.0, 10.0, 6), np.linspace(1.0, 2.0, 6) ** 2


def pressure(depth):
    shape = jax.ShapeDtypeStruct(depth.shape, depth.dtype)
    return 2 * jax.pure_callback(lambda d: np.interp(d, depths, pressures).astype(np.float32), shape, depth)


def logged(loss):
    io_callback(lambda value: None, None, loss, ordered=True)
    return loss * 2


@jax.custom_batching.custom_vmap
def polar(x, y):
    return jnp.hypot(x, y), jnp.arctan2(y, x)


@polar.def_vmap
def _(size, is_batched, x, y):
    return (jnp.hypot(x, y), jnp.arctan2(y, x)), (True,)  # two results, but says so of one only


REPORTS += [
    Report(
        Case("a table that NumPy looks up", pressure, (jnp.arange(5.0),), {}, "function", advice=("vmap_method",)),
        "jax PR#23881, PR#11928",
        "7: no batched form",
        never=BEHIND,
    ),
    Report(
        Case("ordered log lines", logged, (jnp.arange(3.0),), {}, "function", advice=("ordered", "io_callback")),
        "jax PR#13759, #20628",
        "7: no batched form",
        never=BEHIND,
    ),
    Report(
        Case(
            "a vmap rule that is silent on one result",
            lambda x, y: polar(x, y)[0],
            (jnp.arange(4.0), jnp.ones(4)),
            {},
            "function",
            advice=("def_vmap", "rule", "batched"),
        ),
        "jax PR#9369, #14961",
        "7: no batched form",
        never=BEHIND,
    ),
]


# --- 8. code that can be pasted


class Kalman:
    def __init__(self, transition, gain):
        self.transition, self.gain = transition, gain

    def step(self, state, seen, dt):
        ahead = state + dt * (self.transition @ state)
        return ahead + self.gain @ (seen - ahead)


kalman = Kalman(jnp.array([[0.0, 1.0], [-1.0, 0.0]]), jnp.eye(2) / 4)
states, seen = jnp.arange(10.0).reshape(5, 2), jnp.ones((5, 2))


def basis(coefficients, knots, x, scale):
    return jnp.sum(coefficients * jnp.exp(-((x - knots) ** 2) / scale))


spline = partial(basis, jnp.arange(40.0) / 40, jnp.linspace(0.0, 1.0, 40))
queries = jnp.linspace(0.0, 1.0, 7)


@jax.tree_util.register_pytree_node_class
class Camera:
    """A tree of the user's own, registered by its class, without a repr."""

    def __init__(self, place, focal, crop):
        self.place, self.focal, self.crop = place, focal, crop

    def tree_flatten(self):
        return (self.place, self.focal), self.crop

    @classmethod
    def tree_unflatten(cls, crop, children):
        return cls(*children, crop)


def project(camera, point):
    ray = point - camera.place
    return camera.focal * ray[:2] / (camera.crop + ray[2])


cameras, points = Camera(jnp.arange(12.0).reshape(4, 3) / 4, 35.0, 2), jnp.arange(12.0).reshape(4, 3)

REPORTS += [
    Report(
        Case(
            "a bound method",
            kalman.step,
            (states, seen, 0.1),
            {},
            "in_axes",
            lambda: jnp.stack([kalman.step(*p, 0.1) for p in zip(states, seen, strict=False)]),
        ),
        "own; patrick-kidger/equinox#206 (of its kind)",
        "8: code that can be pasted",
        never=("<bound method", "object at 0x"),
        pasteable=True,
    ),
    Report(
        Case(
            "a partial with arrays bound",
            spline,
            (queries, 0.05),
            {},
            "in_axes",
            lambda: jnp.stack([spline(q, 0.05) for q in queries]),
        ),
        "own; jax docs: functools.partial",
        "8: code that can be pasted",
        never=("partial(<function", "<function basis"),
        pasteable=True,
    ),
    Report(
        Case(
            "a class of one's own, one number in it",
            project,
            (cameras, points),
            {},
            "in_axes",
            lambda: jnp.stack([project(Camera(p, 35.0, 2), q) for p, q in zip(cameras.place, points, strict=False)]),
        ),
        "jax#19729 (of its kind)",
        "8: code that can be pasted",
        never=("Camera object", "object at 0x"),
        pasteable=True,
    ),
]


# --- 9. bodies


def compound(rate, years):
    return jax.lax.fori_loop(0, years, lambda _, money: money * (1 + rate), 1.0)


def monomials(p, x):
    return jnp.sum(p["w"] * x ** p["degree"])


def histogram(labels):
    counts = jnp.bincount(labels)
    return counts / labels.size


def peaks(signal):
    return jnp.argwhere(signal > signal.mean())


def prefix_sums(values):
    def step(total, value):
        return total + value, total

    return jax.lax.scan(step, jnp.int32(0), values)[1]


def clipped(v):
    return jax.lax.cond(jnp.sum(v) > 3, lambda v: (v / jnp.sum(v), True), lambda v: v, v)


def beam(scores, width):
    return jax.lax.top_k(scores, width)[0]


def subspace(dim):
    return jnp.linalg.norm(jax.random.normal(seed, (10, dim)))


REPORTS += [
    Report(
        Case(
            "gradient of a loop with its own length",
            jax.grad(compound),
            (jnp.array([0.1, 0.2, 0.3]), jnp.array([3, 5, 2])),
            {},
            "function",
            advice=("scan", "jacfwd", "forward", "static"),
        ),
        "dynamiqs PR#917; jax#1954",
        "9: reverse mode of a loop",
    ),
    Report(
        Case(
            "gradient with degrees among the parameters",
            jax.grad(monomials),
            ({"w": jnp.ones((5, 3)), "degree": jnp.arange(5)}, jnp.ones((5, 3)) * 2),
            {},
            "arguments",
            advice=("float", "allow_int"),
        ),
        "jax#2215; dm-haiku#513",
        "9: a gradient at whole numbers",
        also=("function",),
    ),
    Report(
        Case(
            "a histogram of unknown length",
            histogram,
            (jnp.array([[0, 1, 1, 2], [3, 3, 3, 0]]),),
            {},
            "function",
            advice=("length",),
        ),
        "jax PR#2986, PR#5721",
        "9: a static size with a keyword of its own",
        never=("write it with jax.numpy",),
    ),
    Report(
        Case("where the peaks are", peaks, (jnp.arange(12.0).reshape(3, 4),), {}, "function", advice=("size",)),
        "jax#7542; jaxonnxruntime#29",
        "9: a static size with a keyword of its own",
        never=("write it with jax.numpy",),
    ),
    Report(
        Case(
            "a sum that starts at a whole number",
            prefix_sums,
            (jnp.arange(12.0).reshape(2, 6) / 2,),
            {},
            "function",
            advice=("carry", "dtype", "float32"),
        ),
        "jax PR#9046",
        "9: a carry or branch of another type",
    ),
    Report(
        Case(
            "one branch gives two results",
            clipped,
            (jnp.arange(12.0).reshape(4, 3),),
            {},
            "function",
            advice=("branch", "structure"),
        ),
        "own; jax.lax.cond docs",
        "9: a carry or branch of another type",
    ),
    Report(
        Case(
            "a beam width of each example",
            beam,
            (jnp.arange(15.0).reshape(3, 5), jnp.array([1, 3, 2])),
            {},
            "function",
            advice=("static", "shape", "mask", "in_axes=(0, None)", "largest"),
        ),
        "jax#4798 (of its kind)",
        "9: a traced k",
    ),
    Report(
        Case(
            "a subspace of each size",
            subspace,
            (jnp.array([2, 5, 3]),),
            {},
            "function",
            advice=("shape", "static", "mask", "largest"),
        ),
        "probml/pyprobml PR#647",
        "9: a traced shape",
    ),
]


# --- 10. whose line


def larger(a, b):
    return a if a > b else b


def extent(boxes):
    return functools.reduce(larger, jax.tree.leaves(jax.tree.map(jnp.max, boxes)))


REPORTS += [
    Report(
        Case(
            "a helper that reduce calls",
            extent,
            ({"left": jnp.arange(8.0).reshape(4, 2), "right": [jnp.ones((4, 3)), jnp.zeros(4)]},),
            {},
            "function",
            advice=("a if a > b else b",),
        ),
        "own",
        "10: a helper's line",
    ),
]


# --- 11. collectives over two names


def share(x):
    return x / jax.lax.psum(x, ("row", "column"))


def heads_centred(heads):
    return jax.vmap(lambda h: h - jax.lax.pmean(h, ("batch", "head")))(heads)


grid = jnp.arange(1.0, 21.0).reshape(5, 4)

REPORTS += [
    Report(
        Case(
            "both names are missing",
            share,
            (grid,),
            {},
            "axis_name",
            lambda: grid / grid.sum(),
            advice=("row", "column"),
        ),
        "jax#3120; patrick-kidger/equinox#935",
        "11: a collective over two names",
        also=("in_axes",),
    ),
    Report(
        Case(
            "the inner name is missing",
            heads_centred,
            (jnp.arange(24.0).reshape(2, 3, 4),),
            {"axis_name": "batch"},
            "axis_name",
            advice=("head",),
        ),
        "google/flax#3319; patrick-kidger/equinox#49",
        "11: a collective over two names",
        also=("function",),
    ),
]


# --- 12. NaN in a gradient through jnp.where


def entropy(p):
    return -jnp.sum(jnp.where(p > 0, p * jnp.log(p), 0.0))


def guarded_ratio(hits, tries):
    return jnp.where(tries > 0, jnp.sqrt(hits / tries), 0.0)


REPORTS += [
    Report(
        Case(
            "NaN gradient of an entropy",
            jax.grad(entropy),
            (jnp.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]),),
            {},
            None,
            runs=True,
            caution="nonfinite",
            advice=("where", "branch"),
        ),
        "jax_xc PR#29; jax#1052",
        "12: NaN from the other branch",
    ),
    Report(
        Case(
            "NaN gradient of a guarded ratio",
            jax.grad(guarded_ratio, argnums=(0, 1)),
            (jnp.array([1.0, 0.0, 2.0]), jnp.array([2.0, 0.0, 8.0])),
            {},
            None,
            runs=True,
            caution="nonfinite",
            advice=("where", "branch"),
        ),
        "jax#5798, #347",
        "12: NaN from the other branch",
    ),
]


# --- 13. the reason that is given for a tree


class Measure(NamedTuple):
    value: Any
    error: Any


def weigh(measure, x):
    return (measure.value - x) / measure.error


def forward(layers, x):
    for layer in layers:
        x = jnp.tanh(layer @ x)
    return x


def linear(p, x):
    return p["dense"]["w"] @ x + p["dense"]["b"]


layers = [jnp.ones((4, 3, 3)) / 3, jnp.ones((4, 2, 3)) / 2, jnp.arange(8.0).reshape(4, 1, 2)]
dense = {"dense": {"w": jnp.arange(24.0).reshape(4, 2, 3), "b": jnp.ones(2)}}
triples = jnp.arange(12.0).reshape(4, 3) / 12

REPORTS += [
    Report(
        Case(
            "in_axes has a key too many",
            linear,
            (dense, triples),
            {"in_axes": ({"dense": {"w": 0, "b": None, "scale": None}}, 0)},
            "in_axes",
            lambda: jax.vmap(linear, in_axes=({"dense": {"w": 0, "b": None}}, 0))(dense, triples),
            advice=("scale",),
        ),
        "jax PR#9372, PR#19044",
        "13: the reason given for a tree",
        never=("goes deeper",),
    ),
    Report(
        Case(
            "in_axes has a layer too few",
            forward,
            (layers, triples),
            {"in_axes": ([0, 0], 0)},
            "in_axes",
            lambda: jax.vmap(forward)(layers, triples),
            advice=("length", "three", "third", "has 3", "has 2", "3 entries", "list of 3", "[0, 0, 0]"),
        ),
        "jax PR#9372",
        "13: the reason given for a tree",
        never=("goes deeper",),
    ),
    Report(
        Case(
            "a tuple in place of a NamedTuple",
            weigh,
            (Measure(jnp.arange(6.0), 0.5), jnp.ones(6)),
            {"in_axes": ((0, None), 0)},
            "in_axes",
            lambda: (jnp.arange(6.0) - 1) / 0.5,
            advice=("Measure",),
        ),
        "jax#18548 (of its kind)",
        "13: the reason given for a tree",
        never=("goes deeper",),
    ),
]


# --- 14. running statistics that all share


class Welford(NamedTuple):
    count: Any
    mean: Any
    spread: Any


def normalise(stats, seen):
    count = stats.count + 1
    mean = stats.mean + (seen - stats.mean) / count
    spread = stats.spread + (seen - stats.mean) * (seen - mean)
    return (seen - mean) / jnp.sqrt(1e-6 + spread / count), Welford(count, mean, spread)


REPORTS += [
    Report(
        Case(
            "a normaliser that all environments share",
            normalise,
            (Welford(3.0, jnp.zeros(3), jnp.ones(3)), triples),
            {"in_axes": (None, 0), "out_axes": (0, None)},
            "out_axes",
            advice=("pmean", "jnp.mean", ".mean("),
        ),
        "patrick-kidger/equinox#935 (of its kind)",
        "14: shared state",
        also=("function",),
    ),
]


# --- a real library


def drop_large(limit):
    def update(updates, state, params=None):
        size = sum(jnp.sum(u**2) for u in jax.tree.leaves(updates))
        if size > limit:
            updates = jax.tree.map(jnp.zeros_like, updates)
        return updates, state

    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)


careful = optax.chain(drop_large(1.0), optax.scale(-0.1))
some_grads = {"w": jnp.arange(12.0).reshape(4, 3) / 9, "b": jnp.ones(4)}

REPORTS += [
    Report(
        Case(
            "optax: an if in a transformation of one's own",
            lambda g, state: careful.update(g, state)[0],
            (some_grads, careful.init({"w": jnp.zeros(3), "b": jnp.zeros(())})),
            {"in_axes": (0, None)},
            "function",
            advice=("if size > limit",),
        ),
        "own; optax docs: optax.chain",
        "10: a helper's line",
    ),
]

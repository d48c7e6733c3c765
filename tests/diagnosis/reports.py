"""Public reports of people who use vmap, each as a small call of our own: what they wrote, what they meant.

There are others of the same kinds that are not here: solve kinds, not cases.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

import vmapdemo
from tests.diagnosis.mistakes import Case


@dataclass(frozen=True)
class Report:
    """A case and where it comes from.

    In `case`, `runs` without `clean` asks for a caution (any, or the one named); `advice` is looked for in all that is
    said; `clean`: a right call, nothing is to be said. `also`: other culprits that are as good. `never`: words that
    would mislead. `pasteable`: the first fix has to be Python that means the fix.
    """

    case: Case
    source: str
    kind: str
    clean: bool = False
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    pasteable: bool = False


key = jax.random.key(7)
old_key = jax.random.PRNGKey(7)
rows = jnp.arange(12.0).reshape(4, 3) / 5
BEHIND = ("takes the whole arrays without vmap", "before any line of yours")
"""What is said today where an operation has no batched form: untrue, and of no use."""


# --- Bayesian inference, ensembles, optimizers: trees and keys


class Moments(NamedTuple):
    count: Any
    mean: Any
    square: Any


def descend(grads, state, params):
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state.mean, grads)
    square = jax.tree.map(lambda s, g: 0.9 * s + 0.1 * g * g, state.square, grads)
    new = jax.tree.map(lambda p, m, s: p - 0.1 * m / (jnp.sqrt(s) + 0.1), params, mean, square)
    return new, Moments(state.count + 1, mean, square)


stacked = {"bias": jnp.arange(6.0).reshape(3, 2), "weight": jnp.arange(24.0).reshape(3, 4, 2) / 7}
moments = Moments(jnp.array(0), stacked, stacked)


def jitter(x, key=None):
    return x + jax.random.normal(key, x.shape)


params = {"w": jnp.arange(6.0).reshape(2, 3) / 3}


class Chain(NamedTuple):
    position: Any
    logdensity: Any


def metropolis(key, chain):
    propose, accept = jax.random.split(key)
    position = chain.position + 0.1 * jax.random.normal(propose, chain.position.shape)
    logdensity = -0.5 * jnp.sum(position**2)
    taken = jnp.log(jax.random.uniform(accept)) < logdensity - chain.logdensity
    return jax.lax.cond(taken, lambda: Chain(position, logdensity), lambda: chain)


@partial(jax.tree_util.register_dataclass, data_fields=("mean", "scale"), meta_fields=("name",))
@dataclasses.dataclass
class Prior:
    mean: Any
    scale: Any
    name: str = "unnamed"


def standardised(prior, x):
    return (x - prior.mean) / prior.scale


class Bounds:
    """A tree of the user's own, without a repr."""

    def __init__(self, low, high):
        self.low, self.high = low, high


jax.tree_util.register_pytree_node(Bounds, lambda b: ((b.low, b.high), None), lambda _, c: Bounds(*c))


class Affine:
    """A model as an object that is called."""

    def __init__(self, weight):
        self.weight = weight

    def __call__(self, x, gain):
        return self.weight @ x * gain


class Window(NamedTuple):
    values: Any
    scale: Any


# --- graphs: ragged data, padding


class Graph(NamedTuple):
    nodes: Any
    edges: Any
    senders: Any
    receivers: Any


def pass_messages(graph):
    return jnp.zeros_like(graph.nodes).at[graph.receivers].add(graph.nodes[graph.senders])


def a_graph(i, nodes=3):
    return Graph(jnp.arange(2.0 * nodes).reshape(nodes, 2) + i, None, jnp.arange(nodes - 1), jnp.arange(1, nodes))


graphs = [a_graph(i) for i in range(4)]


# --- environments


class World(NamedTuple):
    place: Any
    done: Any


def restarted(start, world):
    return jax.lax.cond(world.done, lambda: start, lambda: world.place)


worlds = World(jnp.arange(24.0).reshape(3, 4, 2), jnp.arange(12).reshape(3, 4) % 3 == 0)


def noisy_numpy(x):
    return x + np.random.normal()


def advantages(rewards, values):
    def back(later, now):
        later = now[0] + 0.9 * now[1] + 0.8 * later
        return later, later

    return jax.lax.scan(back, 0.0, (rewards, values), reverse=True)[1]


# --- physics, ODEs, loops


def reaction(state, rates):
    """Written for a state that is a list; whoever maps passes an array."""

    def move(_, y):
        flow = rates[0] * y[0] / (rates[1] + y[0])
        return [y[0] - 0.1 * y[1] * flow, y[1] + 0.01 * y[1] * flow]

    return jax.lax.fori_loop(0, 5, move, state)


def settle(speed, rounds):
    return jax.lax.while_loop(lambda s: s[0] < rounds, lambda s: (s[0] + 1, s[1] * 0.9 + speed), (0, speed))[1]


def direction(v):
    length = jnp.linalg.norm(v)
    return jnp.where(length > 0, v / length, v).sum()


cloud = jax.random.normal(key, (8000, 3))


def density(point):
    return jnp.sum(jnp.exp(-jnp.sum((cloud - point) ** 2, axis=1)))


# --- callbacks, custom rules, sparse


def on_host(x):
    return jax.pure_callback(np.sin, jax.ShapeDtypeStruct(x.shape, x.dtype), x)


@jax.custom_batching.custom_vmap
def product(a, b):
    return a * b


@product.def_vmap
def _(size, is_batched, a, b):
    return a * b  # forgets to say that the result is batched


@jax.custom_batching.custom_vmap
def right_product(a, b):
    return a * b


@right_product.def_vmap
def _(size, is_batched, a, b):
    return a * b, True


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def bounded(x, limit):
    return x


bounded.defvjp(lambda x, limit: (x, None), lambda limit, _, g: (jnp.clip(g, -limit, limit),))


def pooled(values, places):
    return jax.ops.segment_sum(values, places)


def whitened(v):
    return v - jax.lax.pmean(v, ("group", "item"))


def running(state, x):
    new = 0.9 * state + 0.1 * x
    return x - new, new


four = jnp.arange(4.0)
push = partial(jax.jvp, lambda v: jnp.sin(v) * v[::-1], (four,))

REPORTS = [
    # --- lists of named tuples
    Report(
        Case(
            "a list of graphs",
            pass_messages,
            (graphs,),
            {},
            "arguments",
            lambda: jnp.stack([pass_messages(g) for g in graphs]),
        ),
        "google-deepmind/jraph#48, #10",
        "a list of NamedTuples",
    ),
    # --- one key, given by keyword
    Report(
        Case(
            "one key by keyword",
            jitter,
            (rows,),
            {},
            "arguments",
            lambda: jax.vmap(jitter)(rows, jax.random.split(key, 4)),
            kwargs={"key": key},
        ),
        "patrick-kidger/equinox#181",
        "one key by keyword",
    ),
    # --- a tree of which one leaf is a single number
    Report(
        Case(
            "an optimizer's counter",
            descend,
            (stacked, moments, stacked),
            {},
            "in_axes",
            lambda: jax.vmap(descend, in_axes=(0, Moments(None, 0, 0), 0))(stacked, moments, stacked),
        ),
        "google/flax#2120, Drenderer/klax PR#111",
        "one leaf of a tree is a single number",
    ),
    # --- two batch axes, flags beside vectors
    Report(
        Case(
            "groups of environments",
            restarted,
            (jnp.zeros(2), worlds),
            {"in_axes": (None, 0)},
            "in_axes",
            lambda: jnp.where(worlds.done[..., None], 0.0, worlds.place),
        ),
        "instadeepai/jumanji#28",
        "two batch axes, single numbers beside vectors",
        also=("function",),
    ),
    # --- no batched form
    Report(
        Case("a callback without vmap_method", on_host, (four,), {}, "function", advice=("vmap_method",)),
        "jax#17187, PR#23881",
        "no batched form",
        never=BEHIND,
    ),
    Report(
        Case(
            "a vmap rule without the second result",
            product,
            (four, four),
            {},
            "function",
            advice=("def_vmap", "rule", "batched"),
        ),
        "jax PR#9369, #9073",
        "no batched form",
        never=BEHIND,
    ),
    # --- loops that have no reverse mode
    Report(
        Case(
            "gradient of a while_loop",
            jax.grad(settle),
            (four, 10),
            {"in_axes": (0, None)},
            "function",
            advice=("scan", "jacfwd"),
        ),
        "google-deepmind/mujoco#1207",
        "reverse mode of a loop",
    ),
    # --- gradients of whole numbers
    Report(
        Case(
            "gradient at whole numbers",
            jax.grad(lambda x: jnp.tanh(x) ** 2),
            (jnp.arange(5),),
            {},
            "arguments",
            lambda: jax.vmap(jax.grad(lambda x: jnp.tanh(x) ** 2))(jnp.arange(5.0)),
            advice=("float",),
        ),
        "jax#2663, #424",
        "a gradient at whole numbers",
        also=("function",),
    ),
    # --- a size that has its own keyword
    Report(
        Case(
            "segments of unknown number",
            pooled,
            (jnp.ones((3, 6)), jnp.array([[0, 0, 1, 1, 2, 2]] * 3)),
            {},
            "function",
            advice=("num_segments",),
        ),
        "jax#6350",
        "a static size with a keyword of its own",
        never=("write it with jax.numpy",),
    ),
    # --- what goes into a loop or branch is not what comes out
    Report(
        Case(
            "a list goes round, an array was given",
            reaction,
            (jnp.arange(14.0).reshape(2, 7) + 1, jnp.ones((2, 7))),
            {"in_axes": 1},
            "function",
            advice=("jnp.stack", "jnp.array", "carry"),
        ),
        "patrick-kidger/diffrax#538",
        "a carry or branch of another type",
    ),
    # --- two names for two batch axes
    Report(
        Case(
            "the outer name is missing",
            jax.vmap(whitened, axis_name="item"),
            (rows.reshape(2, 2, 3),),
            {},
            "axis_name",
            lambda: rows.reshape(2, 2, 3) - rows.mean(0),
        ),
        "patrick-kidger/equinox#707",
        "a collective over two names",
    ),
    # --- silent: tracers that stay behind
    Report(
        Case(
            "a traced value as static data",
            lambda mean, scale: Prior(mean, 1.0, name=scale),
            (rows, four),
            {},
            None,
            runs=True,
        ),
        "patrick-kidger/equinox#312",
        "a tracer stays behind",
    ),
    # --- silent: NumPy's random numbers
    Report(
        Case("NumPy's noise inside", noisy_numpy, (four,), {}, None, runs=True, caution="shared-random"),
        "jax#17462 (the line that 'works okay')",
        "NumPy's random numbers inside",
    ),
    # --- explain runs the user's program
    Report(
        Case("all pairs of 8,000 points", density, (cloud,), {}, None, runs=True),
        "Stack Overflow 77659069, openillumi.com en-jax-vmap-oom",
        "the explanation runs the program",
        clean=True,
    ),
    # --- NaN from the branch that is not taken
    Report(
        Case(
            "NaN gradient of a guarded norm",
            jax.grad(direction),
            (jnp.array([[0.0, 0.0], [3.0, 4.0]]),),
            {},
            None,
            runs=True,
            caution="nonfinite",
            advice=("where", "branch"),
        ),
        "jax#9159, diffrax#701",
        "NaN from the other branch",
    ),
    # --- keys of which there are too many, or none
    Report(
        Case(
            "one old key is two numbers",
            lambda k: jax.random.uniform(k, (2,)),
            (old_key,),
            {},
            "arguments",
            advice=("one random key",),
        ),
        "google/brax#8",
        "how many keys",
        never=("split(k, 2)",),
    ),
    # --- the reason that is given for a tree
    Report(
        Case(
            "other static data in in_axes",
            standardised,
            (Prior(rows, 2.0, "theta"), rows + 1),
            {"in_axes": (Prior(0, None), 0)},
            "in_axes",
            lambda: jnp.full((4, 3), 0.5),
            advice=("static", "metadata", "meta_fields", "differ"),
        ),
        "jax#19729, #26053, #18244",
        "the reason given for a tree",
        never=("goes deeper",),
    ),
    # --- the code of a fix
    Report(
        Case(
            "an object as the function",
            Affine(params["w"]),
            (rows, 2.0),
            {},
            "in_axes",
            lambda: rows @ params["w"].T * 2,
        ),
        "patrick-kidger/equinox README and #206",
        "code that cannot be pasted",
        never=("vmap(Affine",),
        pasteable=True,
    ),
    # --- ragged data
    Report(
        Case(
            "graphs of different sizes",
            pass_messages,
            ([a_graph(i, 3 + i) for i in range(3)],),
            {},
            "arguments",
            advice=("pad", "mask"),
        ),
        "google-deepmind/jraph#10, #48",
        "ragged data",
        also=("in_axes",),
    ),
    # --- cautions on right calls
    Report(
        Case("a square Jacobian by columns", push, ((jnp.eye(4),),), {"out_axes": (None, 1)}, None, runs=True),
        "JAX autodiff cookbook, jacfwd",
        "false alarm",
        clean=True,
    ),
    Report(
        Case(
            "one world made into many",
            lambda _, world: world,
            (jnp.arange(5), World(jnp.zeros(2), jnp.array(False))),
            {"in_axes": (0, None)},
            None,
            runs=True,
        ),
        "google-deepmind/mujoco#1269 (the maintainers' answer)",
        "false alarm",
        clean=True,
    ),
    # --- others
    Report(
        Case(
            "products of small matrices, two batch axes",
            jnp.dot,
            (jnp.ones((3, 5, 2, 2)), jnp.ones((3, 5, 2, 2)) * 2),
            {},
            None,
            lambda: jnp.full((3, 5, 2, 2), 4.0),
            runs=True,
            caution="rank",
        ),
        "Stack Overflow copy openillumi.com/?p=109693",
        "one vmap too few, and it runs",
    ),
    Report(
        Case(
            "a table of three batches",
            lambda x, y, z: x * z + y,
            (jnp.arange(7.0), jnp.arange(5.0), jnp.arange(3.0)),
            {},
            "in_axes",
            lambda: jnp.arange(7.0)[:, None, None] * jnp.arange(3.0) + jnp.arange(5.0)[:, None],
            example_ndim=(0, 0, 0),
        ),
        "Stack Overflow copies 51tsys.com/article/51380, php.cn/faq/671449",
        "three batches",
    ),
    Report(
        Case(
            "a running mean that all share",
            running,
            (jnp.zeros(3), rows),
            {"in_axes": (None, 0), "out_axes": (0, None)},
            "out_axes",
            advice=("pmean", "jnp.mean", ".mean("),
        ),
        "patrick-kidger/equinox#705, #707; google/flax#1247",
        "shared state",
        also=("function",),
    ),
    Report(
        Case(
            "custom_vjp's nondiff argument is mapped",
            jax.grad(lambda x, limit: jnp.sum(bounded(x, limit) ** 2)),
            (rows, four),
            {},
            "function",
            advice=("nondiff_argnums",),
        ),
        "jax#20889, #23065",
        "nondiff_argnums",
        never=("write it with jax.numpy",),
    ),
    # --- answered well
    Report(
        Case(
            "a NamedTuple as in_axes",
            lambda w: w.values * w.scale,
            (Window(rows, 2.0),),
            {"in_axes": Window(0, None)},
            "in_axes",
            lambda: rows * 2,
        ),
        "patrick-kidger/equinox#952",
        "a tree in place of a tuple",
    ),
    Report(
        Case(
            "a flag that stays whole",
            restarted,
            (jnp.zeros(2), World(rows[:, :2], four > 1)),
            {"in_axes": (None, World(0, None))},
            "in_axes",
            lambda: jnp.where((four > 1)[:, None], 0.0, rows[:, :2]),
        ),
        "instadeepai/jumanji#28",
        "a predicate that is a vector",
    ),
    Report(
        Case(
            "a switch by keyword",
            lambda p, x, train=True: p["w"] @ x if train else x,
            (params, rows),
            {"in_axes": (None, 0)},
            "arguments",
            lambda: rows,
            kwargs={"train": False},
        ),
        "google/flax#2772",
        "a switch by keyword",
    ),
    Report(
        Case(
            "one start for all chains",
            metropolis,
            (jax.random.split(key, 4), Chain(jnp.ones(2), -1.0)),
            {},
            "in_axes",
            lambda: jax.vmap(metropolis, in_axes=(0, None))(jax.random.split(key, 4), Chain(jnp.ones(2), -1.0)),
        ),
        "blackjax-devs/blackjax#156",
        "one state for all chains",
    ),
    # --- right calls from documentation
    Report(
        Case(
            "chains of a sampler",
            metropolis,
            (jax.random.split(key, 4), Chain(jnp.ones((4, 2)), -jnp.ones(4))),
            {},
            None,
            runs=True,
        ),
        "BlackJAX: sample with multiple chains",
        "right call",
        clean=True,
    ),
    Report(
        Case("keys by keyword", jitter, (rows,), {}, None, runs=True, kwargs={"key": jax.random.split(key, 4)}),
        "Equinox: Dropout",
        "right call",
        clean=True,
    ),
    Report(
        Case(
            "gradient of each example",
            jax.grad(lambda p, x, y: jnp.sum((p["w"] @ x - y) ** 2)),
            (params, rows, rows[:, :2]),
            {"in_axes": (None, 0, 0)},
            None,
            runs=True,
        ),
        "google/flax#858 and Optax: per-example gradients",
        "right call",
        clean=True,
    ),
    Report(
        Case("a Jacobian by rows", jax.vjp(push.args[0], four)[1], (jnp.eye(4),), {}, None, runs=True),
        "JAX autodiff cookbook, jacrev",
        "right call",
        clean=True,
    ),
    Report(
        Case(
            "time-major",
            advantages,
            (jnp.ones((6, 4)), jnp.ones((6, 4))),
            {"in_axes": 1, "out_axes": 1},
            None,
            runs=True,
        ),
        "rlax: time-major GAE",
        "right call",
        clean=True,
    ),
    Report(
        Case(
            "optimizers of an ensemble",
            descend,
            (stacked, Moments(jnp.zeros(3, int), stacked, stacked), stacked),
            {},
            None,
            runs=True,
        ),
        "Optax and Flax: ensembling",
        "right call",
        clean=True,
    ),
    Report(
        Case("a rule of one's own", right_product, (four, four), {}, None, runs=True),
        "jax.custom_batching docs",
        "right call",
        clean=True,
    ),
    Report(
        Case(
            "an argument that is None",
            lambda v, mask=None: v if mask is None else v * mask,
            (rows, None),
            {"in_axes": (0, 0)},
            None,
            runs=True,
        ),
        "jax docs: None is an empty tree",
        "right call",
        clean=True,
    ),
]


# --- the real libraries, where they are installed


class Forgetful(eqx.Module):
    linear: eqx.nn.Linear
    dropout: eqx.nn.Dropout

    def __init__(self, key):
        self.linear, self.dropout = eqx.nn.Linear(3, 2, key=key), eqx.nn.Dropout(0.5)

    def __call__(self, x, key=None):
        return self.dropout(self.linear(x), key=key)


forgetful = Forgetful(key)
ensemble = eqx.filter_vmap(lambda k: eqx.nn.MLP(3, 2, 8, 1, key=k))(jax.random.split(key, 5))
REPORTS += [
    Report(
        Case(
            "equinox: no key for dropout",
            forgetful,
            (rows,),
            {},
            "function",
            advice=("self.dropout(self.linear(x)", "forgetful("),
        ),
        "patrick-kidger/equinox#181",
        "a library's line in place of the user's",
        never=("raise RuntimeError",),
    ),
    Report(
        Case(
            "equinox: an ensemble with its activation",
            lambda model, x: model(x),
            (ensemble, rows[0]),
            {"in_axes": (0, None)},
            "in_axes",
            lambda: jax.vmap(lambda model, x: model(x), in_axes=(jax.tree.map(eqx.if_array(0), ensemble), None))(
                ensemble, rows[0]
            ),
        ),
        "patrick-kidger/equinox#278",
        "code that cannot be pasted",
        pasteable=True,
    ),
    Report(
        Case(
            "equinox: a model comes out",
            lambda k: eqx.nn.MLP(3, 2, 8, 1, key=k),
            (jax.random.split(key, 5),),
            {},
            "function",
            advice=("return arrays",),
        ),
        "patrick-kidger/equinox#278",
        "a result that is no array",
    ),
    Report(
        Case(
            "equinox: one key for dropout",
            forgetful,
            (rows,),
            {},
            "arguments",
            lambda: jax.vmap(forgetful)(rows, jax.random.split(key, 4)),
            kwargs={"key": key},
        ),
        "patrick-kidger/equinox#181",
        "one key by keyword",
    ),
    Report(
        Case(
            "equinox: an ensemble, right",
            lambda model, x: model(x),
            (ensemble, rows[0]),
            {"in_axes": (jax.tree.map(eqx.if_array(0), ensemble), None)},
            None,
            runs=True,
        ),
        "Equinox: tricks, ensembling",
        "right call",
        clean=True,
    ),
]


adam = optax.adam(0.01)
REPORTS += [
    Report(
        Case(
            "optax: a state made of stacked models",
            adam.update,
            (stacked, adam.init(stacked), stacked),
            {},
            "in_axes",
            lambda: jax.vmap(adam.update, in_axes=(0, (optax.ScaleByAdamState(None, 0, 0), optax.EmptyState()), 0))(
                stacked, adam.init(stacked), stacked
            ),
        ),
        "google/flax#2120",
        "one leaf of a tree is a single number",
    ),
]


def said(found) -> str:
    """Everything that an explanation says, its code included."""
    fixes = [*found.fixes, *(c.fix for c in found.cautions if c.fix is not None)]
    return "\n".join(
        [
            found.headline,
            found.reason,
            *found.advice,
            *(c.text for c in found.cautions),
            *(f"{f.why} {f.code}" for f in fixes),
        ]
    )


def shortfall(report: Report) -> str | None:
    """What vmapdemo.explain gets wrong on this report, or None."""
    case = report.case
    extra = {} if case.example_ndim is None else {"example_ndim": case.example_ndim}
    return _wrong(report, vmapdemo.explain(case.fn, **case.vmap, **extra)(*case.args, **case.kwargs))


def _wrong(report: Report, found) -> str | None:
    case = report.case
    if found.ok != case.runs:
        return f"ok is {found.ok}, but JAX {'accepts' if case.runs else 'refuses'} it"
    if report.clean:
        return f"false alarm: {[c.rule for c in found.cautions]}" if found.cautions else None
    if case.runs and not any(case.caution in (None, c.rule) for c in found.cautions):
        return f"silent: no caution {case.caution or ''}; has {[c.rule for c in found.cautions]}"
    if not case.runs and found.culprit not in (case.culprit, *report.also):
        return f"culprit is {found.culprit!r}, not {case.culprit!r}"
    words = said(found)
    misleading = [word for word in report.never if word in words]
    if misleading:
        return f"says {misleading[0]!r}"
    if case.advice and not any(word in words for word in case.advice):
        return f"says none of {case.advice}"
    fixes = [c.fix for c in found.cautions if c.fix is not None] if case.runs else list(found.fixes)
    if case.meant is not None and not (fixes or (case.advice and not report.pasteable)):
        return "no fix"
    if case.meant is not None and fixes:
        got, want = fixes[0].run(), case.meant()
        same = [
            jnp.shape(a) == jnp.shape(b) and bool(jnp.allclose(a, b))
            for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=False)
        ]
        if not all(same) or len(jax.tree.leaves(got)) != len(jax.tree.leaves(want)):
            return f"first fix {' '.join(fixes[0].code.split())[:90]} is not what was meant"
    return _cannot_be_pasted(fixes[0].code) if report.pasteable else None


def _cannot_be_pasted(code: str) -> str | None:
    try:
        compile(code, "fix", "eval")
    except SyntaxError:
        return f"the first fix is no Python: {code[:80]}"
    return "the first fix spells out a tree that cannot be built so" if "\n" in code else None

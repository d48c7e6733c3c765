"""Calls of jax.vmap that fail inside the function, by what is at fault; nothing but shapes and names can tell.

BODY: the axes are what the person meant; the function's body, or the size of an array, is wrong. AXES: the function and
the arrays are right; the axes are wrong, or a nested vmap is missing, and ``meant()`` computes what was wanted. In
those marked "(chance)" a batch size happens to be another size too.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

_rng = np.random.default_rng(2024)


def normal(*shape):
    return jnp.asarray(_rng.normal(size=shape), jnp.float32)


def uniform(*shape):
    return jnp.asarray(_rng.uniform(0.1, 1.0, size=shape), jnp.float32)


def integers(high, *shape):
    return jnp.asarray(_rng.integers(0, high, size=shape), jnp.int32)


def simplex(*shape):
    value = uniform(*shape)
    return value / value.sum(-1, keepdims=True)


def onehot(classes, *shape):
    return jax.nn.one_hot(integers(classes, *shape), classes)


def spd(*shape):
    """Symmetric positive definite matrices; the last number is the size."""
    value = normal(*shape, shape[-1])
    return value @ jnp.swapaxes(value, -1, -2) + shape[-1] * jnp.eye(shape[-1])


@dataclasses.dataclass(frozen=True, eq=False)
class Blame:
    name: str
    function: Callable[..., Any]
    args: tuple
    vmap: dict
    kwargs: dict = dataclasses.field(default_factory=dict)
    meant: Callable[[], Any] | None = None


# =====================================================================================
# BODY
# =====================================================================================

_body: list[Blame] = []


def dense(x, w, b):
    return jax.nn.relu(x @ w + b)


_body.append(
    Blame(
        "bias has 10 entries for 8 units",
        dense,
        (normal(32, 16), normal(16, 8), jnp.zeros(10)),
        {"in_axes": (0, None, None)},
    )
)


def project(x, basis):
    # basis holds one component a row: should be basis @ x
    return x @ basis


_body.append(
    Blame(
        "principal components not transposed",
        project,
        (normal(50, 12), normal(3, 12)),
        {"in_axes": (0, None)},
    )
)


def cross_entropy(logits, target):
    return -jnp.sum(target * jax.nn.log_softmax(logits))


_body.append(
    Blame(
        "10 logits against 9 classes",
        cross_entropy,
        (normal(64, 10), onehot(9, 64)),
        {},
    )
)


def patchify(img):
    patches = img.reshape(7, 4, 7, 2)
    return patches.transpose(0, 2, 1, 3).reshape(49, -1)


_body.append(Blame("patches reshape of a 28x28 image", patchify, (normal(8, 28, 28),), {}))


def join_features(a, b):
    both = jnp.concatenate([a, b], axis=0)
    return both.mean(axis=0)


_body.append(
    Blame(
        "node features concatenated along the nodes",
        join_features,
        (normal(20, 5, 3), normal(20, 5, 4)),
        {},
    )
)


def portfolio_return(returns):
    weights = jnp.array([0.2, 0.3, 0.5])
    return jnp.dot(weights, returns)


_body.append(Blame("three weights for four assets", portfolio_return, (normal(252, 4),), {}))


def conv_layer(img, kernel):
    out = jax.lax.conv_general_dilated(img[None], kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return jax.nn.relu(out[0])


_body.append(
    Blame(
        "rgb image and one-channel kernel",
        conv_layer,
        (normal(16, 28, 28, 3), normal(3, 3, 1, 8)),
        {"in_axes": (0, None)},
    )
)


def similarity(q, k):
    # should be 'id,jd->ij'
    return jnp.einsum("id,dj->ij", q, k) / math.sqrt(q.shape[-1])


_body.append(
    Blame(
        "einsum subscript of the keys turned round",
        similarity,
        (normal(4, 10, 16), normal(4, 12, 16)),
        {},
    )
)


def center(x):
    return x - x.mean(axis=1, keepdims=True)


_body.append(Blame("mean over axis 1 of one row", center, (normal(128, 6),), {}))


def mlp_apply(params, x):
    h = jnp.tanh(x @ params["hidden"]["kernel"] + params["hidden"]["bias"])
    return h @ params["out"]["kernel"] + params["out"]["bias"]


_body.append(
    Blame(
        "784 pixels for parameters of 28*27 inputs",
        mlp_apply,
        (
            {
                "hidden": {"kernel": normal(756, 100), "bias": jnp.zeros(100)},
                "out": {"kernel": normal(100, 10), "bias": jnp.zeros(10)},
            },
            normal(16, 784),
        ),
        {"in_axes": (None, 0)},
    )
)


class LinearParams(NamedTuple):
    weight: jax.Array
    bias: jax.Array


def linear_regression_loss(params: LinearParams, x, y):
    prediction = jnp.dot(params.weight, x) + params.bias
    return (prediction - y) ** 2


_body.append(
    Blame(
        "weights without the column of ones",
        linear_regression_loss,
        (LinearParams(normal(5), jnp.float32(0.0)), normal(40, 6), normal(40)),
        {"in_axes": (LinearParams(None, None), 0, 0)},
    )
)


def forward(layers, x):
    for w, b in layers[:-1]:
        x = jax.nn.relu(jnp.dot(w, x) + b)
    w, b = layers[-1]
    return jnp.dot(w, x) + b


_body.append(
    Blame(
        "last layer of a list does not fit the one before",
        forward,
        (
            [
                (normal(64, 8), jnp.zeros(64)),
                (normal(32, 64), jnp.zeros(32)),
                (normal(2, 64), jnp.zeros(2)),
            ],
            normal(20, 8),
        ),
        {"in_axes": (None, 0)},
    )
)


def split_heads(x):
    length = x.shape[0]
    return x.reshape(length, 4, 16).transpose(1, 0, 2)


_body.append(Blame("head size 16 times 4 is not 60", split_heads, (normal(2, 10, 60),), {}))


def cartpole(state, force):
    _, v, theta, omega = state
    acceleration = force - 0.1 * v + 9.8 * jnp.sin(theta)
    return jnp.stack([v, acceleration, omega, acceleration * jnp.cos(theta)])


_body.append(
    Blame(
        "cart-pole state without the angular velocity",
        cartpole,
        (normal(25, 3), normal(25)),
        {},
    )
)


def make_normalizer(mean, std):
    def normalize(x):
        return (x - mean) / std

    return normalize


_body.append(
    Blame(
        "training statistics of 12 columns, data of 13",
        make_normalizer(normal(12), uniform(12)),
        (normal(100, 13),),
        {},
    )
)


def summary(x):
    return jnp.stack([x.mean(axis=0), x.std(axis=0), x.max()])


_body.append(Blame("stack of two vectors and a scalar", summary, (normal(9, 50, 4),), {}))


def pairwise_distance(a, b):
    # should be b[None, :, :]
    return jnp.sqrt(jnp.sum((a[:, None, :] - b[:, :, None]) ** 2, axis=-1))


_body.append(
    Blame(
        "point clouds broadcast along the wrong axes",
        pairwise_distance,
        (normal(6, 5, 3), normal(6, 7, 3)),
        {},
    )
)


def kalman_predict(mean, cov, F, Q):
    return F @ mean, F @ cov @ F.T + Q


_body.append(
    Blame(
        "process noise of the acceleration only",
        kalman_predict,
        (normal(10, 6), spd(10, 6), jnp.eye(6), 0.1 * jnp.eye(2)),
        {"in_axes": (0, 0, None, None)},
    )
)


def expected_sarsa_error(q, q_next, policy, action, reward):
    return reward + 0.99 * jnp.dot(policy, q_next) - q[action]


_body.append(
    Blame(
        "policy without the no-op action",
        expected_sarsa_error,
        (normal(32, 5), normal(32, 5), simplex(4), integers(5, 32), normal(32)),
        {"in_axes": (0, 0, None, 0, 0)},
    )
)


def discounted_return(rewards, gamma=0.99):
    return jnp.sum(rewards * gamma ** jnp.arange(100))


_body.append(Blame("horizon 100 for 99 rewards", discounted_return, (normal(8, 99),), {}))


def least_squares(X, y):
    # the Gram matrix should be X.T @ X
    return jnp.linalg.solve(X @ X.T, X.T @ y)


_body.append(
    Blame(
        "normal equations with the transpose on the wrong side",
        least_squares,
        (normal(10, 20, 3), normal(10, 20)),
        {},
    )
)


def torque(r, force):
    return jnp.cross(r, force)


_body.append(
    Blame(
        "cross product of homogeneous coordinates",
        torque,
        (normal(12, 4), normal(12, 3)),
        {},
    )
)


def rotate(angle, point):
    c, s = jnp.cos(angle), jnp.sin(angle)
    return jnp.array([[c, -s], [s, c]]) @ point


_body.append(Blame("planar rotation of 3d points", rotate, (normal(15), normal(15, 3)), {}))


def cumulative_state(xs, w):
    def step(carry, x):
        carry = jnp.tanh(jnp.concatenate([carry, x]) @ w)
        return carry, carry.sum()

    final, _ = jax.lax.scan(step, jnp.zeros(8), xs)
    return final


_body.append(
    Blame(
        "scan whose carry grows from 8 to 9",
        cumulative_state,
        (normal(5, 14, 3), normal(11, 9)),
        {"in_axes": (0, None)},
    )
)


def clip_or_keep(gradient):
    norm = jnp.linalg.norm(gradient)
    return jax.lax.cond(norm > 1.0, lambda g: g / norm, lambda g: g[:-1], gradient)


_body.append(Blame("branches of cond of unequal length", clip_or_keep, (normal(18, 6),), {}))


def crop_center(img):
    return jax.lax.dynamic_slice(img, (2, 2), (24, 24))


_body.append(Blame("crop forgets the channel", crop_center, (normal(4, 28, 28, 3),), {}))


def per_example_gradient(w, x, y):
    # no .sum() / .mean() in the loss of a vector of targets
    return jax.grad(lambda w: (x @ w - y) ** 2)(w)


_body.append(
    Blame(
        "gradient of a loss that is not a scalar",
        per_example_gradient,
        (normal(6, 2), normal(9, 6), normal(9, 2)),
        {"in_axes": (None, 0, 0)},
    )
)


def embed(tokens, table, positions):
    return table[tokens] + positions


_body.append(
    Blame(
        "positional encoding longer than the sentence",
        embed,
        (integers(1000, 4, 12), normal(1000, 32), normal(16, 32)),
        {"in_axes": (0, None, None)},
    )
)


def to_channels_first(img):
    return img.transpose(0, 3, 1, 2)


_body.append(
    Blame(
        "transpose written for the whole batch",
        to_channels_first,
        (normal(8, 32, 32, 3),),
        {},
    )
)


def classify(img, w):
    flat = img.reshape(img.shape[0], -1)
    return jax.nn.softmax(flat @ w, axis=-1)


_body.append(
    Blame(
        "flatten keeps the batch axis of one image",
        classify,
        (normal(10, 28, 28), normal(784, 10)),
        {"in_axes": (0, None)},
    )
)


def box_area(box):
    return (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])


_body.append(Blame("boxes indexed as a batch", box_area, (uniform(20, 4),), {}))


def mel_energies(power, filterbank):
    return jnp.log(filterbank @ power + 1e-6)


_body.append(
    Blame(
        "filterbank for a longer fft",
        mel_energies,
        (uniform(100, 257), uniform(80, 513)),
        {"in_axes": (0, None)},
    )
)


def spring_energy(x, springs, rest_length, k):
    d = jnp.linalg.norm(x[springs[:, 0]] - x[springs[:, 1]], axis=-1)
    return 0.5 * jnp.sum(k * (d - rest_length) ** 2)


_body.append(
    Blame(
        "one rest length a mass instead of a spring",
        spring_energy,
        (normal(11, 6, 2), integers(6, 5, 2), jnp.ones(6), jnp.float32(3.0)),
        {"in_axes": (0, None, None, None)},
    )
)


def lstm_cell(params, carry, x):
    h, c = carry
    z = params["w"] @ jnp.concatenate([x, h]) + params["b"]
    i, f, g, o = jnp.split(z, 4)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


_body.append(
    Blame(
        "lstm weights with three gates",
        lstm_cell,
        (
            {"w": normal(30, 14), "b": jnp.zeros(30)},
            (normal(16, 10), normal(16, 10)),
            normal(16, 4),
        ),
        {"in_axes": (None, 0, 0)},
    )
)


_policy = eqx.nn.MLP(in_size=17, out_size=6, width_size=32, depth=2, key=jax.random.PRNGKey(0))

_body.append(
    Blame(
        "observation includes the goal, the policy does not",
        lambda obs, goal: _policy(jnp.concatenate([obs, goal])),
        (normal(50, 17), normal(2)),
        {"in_axes": (0, None)},
    )
)


def label_loss(logits, labels):
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels)


_body.append(
    Blame(
        "one-hot labels where integers are needed",
        label_loss,
        (normal(32, 10), onehot(10, 32).astype(jnp.int32)),
        {},
    )
)


def train_loss(params, batch):
    scores = batch["x"] @ params["w"]
    return jnp.sum(batch["mask"] * (scores - batch["y"]) ** 2)


_body.append(
    Blame(
        "mask of a shorter sequence",
        train_loss,
        (
            {"w": normal(5)},
            {"x": normal(12, 20, 5), "y": normal(12, 20), "mask": jnp.ones(19)},
        ),
        {"in_axes": (None, {"x": 0, "y": 0, "mask": None})},
    )
)


def sensor_model(x, H):
    return H @ x


_body.append(
    Blame(
        "columns of states, observation matrix of another state",
        sensor_model,
        (normal(8, 100), normal(3, 7)),
        {"in_axes": (1, None), "out_axes": 1},
    )
)


def runge_kutta_step(y, h):
    k1 = -y
    k2 = -(y + 0.5 * h * k1)
    k3 = -(y + 0.5 * h * k2)
    k4 = -(y + h * k3)
    b = jnp.array([1 / 6, 1 / 3, 1 / 6])
    return y + h * jnp.einsum("s,sd->d", b, jnp.stack([k1, k2, k3, k4]))


_body.append(
    Blame(
        "runge-kutta tableau misses a stage",
        runge_kutta_step,
        (normal(16, 2), 0.05),
        {"in_axes": (0, None)},
    )
)


def bond_price(cashflows, rate):
    t = jnp.arange(1, cashflows.shape[0])
    return jnp.sum(cashflows * jnp.exp(-rate * t))


_body.append(Blame("payment dates one short", bond_price, (uniform(21, 10), uniform(21)), {}))


def autocorrelation(x, lag=3):
    x = x - x.mean()
    return jnp.dot(x[lag:], x[: -lag - 1]) / jnp.dot(x, x)


_body.append(Blame("lagged slices of unequal length", autocorrelation, (normal(5, 64),), {}))


def gradient_magnitude(img):
    gx = img[:, 1:] - img[:, :-1]
    gy = img[1:, :] - img[:-1, :]
    return jnp.sqrt(gx**2 + gy**2)


_body.append(Blame("image gradients not cropped", gradient_magnitude, (normal(6, 28, 28),), {}))


def gae_deltas(rewards, values, gamma=0.99):
    return rewards + gamma * values[1:] - values


_body.append(
    Blame(
        "bootstrap value not cut off",
        gae_deltas,
        (normal(8, 15), normal(8, 16)),
        {"axis_name": "env"},
    )
)


def masked_pool(x, *, mask):
    return jnp.sum(x * mask, axis=0) / mask.sum()


_body.append(
    Blame(
        "mask not extended to the features",
        masked_pool,
        (normal(9, 12, 5),),
        {},
        {"mask": jnp.ones((9, 12))},
    )
)

# ---- a batch size that happens to be a size of something else -----------------------


def affine(x, w, b):
    return x @ w + b


_body.append(
    Blame(
        "bias as long as the batch (chance)",
        affine,
        (normal(8, 5), normal(5, 3), jnp.zeros(8)),
        {"in_axes": (0, None, None)},
    )
)


def score(x, weights):
    return jax.nn.sigmoid(x @ weights)


_body.append(
    Blame(
        "torch-style weights, as many rows as features (chance)",
        score,
        (normal(6, 6), normal(4, 6)),
        {"in_axes": (0, None)},
    )
)


def zscore(x, mu, sigma):
    return (x - mu) / sigma


_z_data = normal(20, 6)
_body.append(
    Blame(
        "statistics taken over the features (chance)",
        zscore,
        # should be axis=0
        (_z_data, _z_data.mean(axis=1), _z_data.std(axis=1)),
        {"in_axes": (0, None, None)},
    )
)


_rewards = normal(5, 7)
_discounts = 0.9 ** jnp.arange(len(_rewards))  # should be _rewards.shape[1]

_body.append(
    Blame(
        "discounts counted by the episodes (chance)",
        lambda rewards: jnp.sum(_discounts * rewards),
        (_rewards,),
        {},
    )
)


def solve_triple(A, b):
    return jnp.linalg.solve(A, b)


_body.append(
    Blame(
        "two right-hand entries for three unknowns (chance)",
        solve_triple,
        (spd(3, 3), normal(3, 2)),
        {},
    )
)


def hidden_layer(x, w, scale):
    h = jnp.tanh(x @ w)
    return h * scale


_body.append(
    Blame(
        "scale of the inputs used for the units (chance)",
        hidden_layer,
        (normal(16, 8), normal(8, 16), jnp.ones(8)),
        {"in_axes": (0, None, None)},
    )
)


def regression_loss(params, x, y):
    return jnp.sum((x @ params["w"] - y) ** 2)


_body.append(
    Blame(
        "targets with a column too many (chance)",
        regression_loss,
        ({"w": normal(3, 4)}, normal(4, 3), normal(4, 5)),
        {"in_axes": (None, 0, 0)},
    )
)


def propagate(adj, nodes):
    return jax.nn.relu(adj @ nodes)


_body.append(
    Blame(
        "adjacency with seven nodes, seven graphs of six (chance)",
        propagate,
        (uniform(7, 7), normal(7, 6, 3)),
        {"in_axes": (None, 0)},
    )
)


def portfolio_risk(weights, cov):
    return jnp.sqrt(weights @ cov @ weights)


_body.append(
    Blame(
        "covariance without the cash position (chance)",
        portfolio_risk,
        (simplex(5, 6), spd(5)),
        {"in_axes": (0, None)},
    )
)


def elman_cell(params, h, x):
    return jnp.tanh(x @ params["wx"] + h @ params["wh"])


_body.append(
    Blame(
        "input weights with half the hidden units (chance)",
        elman_cell,
        ({"wx": normal(3, 4), "wh": normal(8, 8)}, normal(4, 8), normal(4, 3)),
        {"in_axes": (None, 0, 0)},
    )
)


def kinetic_energy(p, m):
    # should be m[:, None]
    return 0.5 * jnp.sum(p**2 / m)


_body.append(
    Blame(
        "masses not broadcast over the dimensions (chance)",
        kinetic_energy,
        (normal(3, 5, 3), uniform(5)),
        {"in_axes": (0, None)},
    )
)


def edge_filter(img, kernel):
    return jax.lax.conv(img[None], kernel, (1, 1), "SAME")[0]


_body.append(
    Blame(
        "three grey images and an rgb kernel (chance)",
        edge_filter,
        (normal(3, 1, 8, 8), normal(4, 3, 3, 3)),
        {"in_axes": (0, None)},
    )
)


def attention_scores(q, k):
    return jax.nn.softmax(jnp.einsum("qd,kd->qk", q, k), axis=-1)


_body.append(
    Blame(
        "heads of 6 and of 8 in a batch of 8 (chance)",
        attention_scores,
        (normal(8, 4, 6), normal(8, 6, 8)),
        {},
    )
)


def equalize(x, gain):
    spectrum = jnp.fft.rfft(x)
    return jnp.fft.irfft(spectrum * gain)


_body.append(
    Blame(
        "nine bands for seventeen bins, nine channels (chance)",
        equalize,
        (normal(9, 32), uniform(9)),
        {"in_axes": (0, None)},
    )
)


def forward_step(alpha, obs, transition, emission):
    # emission is (states, symbols): should be emission[:, obs]
    alpha = (alpha @ transition) * emission[obs]
    return alpha / alpha.sum()


_body.append(
    Blame(
        "emission looked up by rows (chance)",
        forward_step,
        (simplex(5, 3), integers(3, 5), simplex(3, 3), simplex(3, 5)),
        {"in_axes": (0, 0, None, None)},
    )
)

BODY: tuple[Blame, ...] = tuple(_body)


# =====================================================================================
# AXES
# =====================================================================================

_axes: list[Blame] = []


def axes(name, function, args, vmap, meant, kwargs=None):
    _axes.append(Blame(name, function, args, vmap, kwargs or {}, meant))


def slope(x):
    return jax.grad(lambda x: jnp.sin(x) * jnp.exp(-(x**2)))(x)


_grid = normal(5, 4)
axes(
    "derivative of a scalar function on a grid",
    slope,
    (_grid,),
    {},
    lambda: jax.vmap(jax.vmap(slope))(_grid),
)


def turn(theta, v):
    rotation = jnp.array([[jnp.cos(theta), -jnp.sin(theta)], [jnp.sin(theta), jnp.cos(theta)]])
    return rotation @ v


_angles, _vector = normal(6, 3), normal(2)
axes(
    "joint angles of several arms, one vmap",
    turn,
    (_angles, _vector),
    {"in_axes": (0, None)},
    lambda: jax.vmap(jax.vmap(turn, in_axes=(0, None)), in_axes=(0, None))(_angles, _vector),
)


def linear(x, w):
    return x @ w


_x, _w = normal(16, 100), normal(16, 4)
axes(
    "features first, mapped as if examples were first",
    linear,
    (_x, _w),
    {"in_axes": (0, None)},
    lambda: jax.vmap(linear, in_axes=(1, None))(_x, _w),
)


def neuron(w, x):
    return jnp.tanh(w @ x)


_w2, _x2 = normal(3, 5), normal(20, 5)
axes(
    "entries for weights and inputs swapped",
    neuron,
    (_w2, _x2),
    {"in_axes": (0, None)},
    lambda: jax.vmap(neuron, in_axes=(None, 0))(_w2, _x2),
)


def predict(x, w):
    return jax.nn.softmax(jnp.dot(x, w))


_x3, _w3 = normal(8, 8), normal(8, 3)
axes(
    "weights mapped along with a batch of eight",
    predict,
    (_x3, _w3),
    {},
    lambda: jax.vmap(predict, in_axes=(0, None))(_x3, _w3),
)


def cosine(a, b):
    return jnp.dot(a, b) / (jnp.linalg.norm(a) * jnp.linalg.norm(b))


_a4, _b4 = normal(10, 4), normal(10, 4)
axes(
    "second of two paired sets shared",
    cosine,
    (_a4, _b4),
    {"in_axes": (0, None)},
    lambda: jax.vmap(cosine)(_a4, _b4),
)


def gaussian_logpdf(x, mu, cov):
    d = x - mu
    return -0.5 * d @ jnp.linalg.solve(cov, d) - 0.5 * jnp.linalg.slogdet(cov)[1]


_x5, _mu5, _cov5 = normal(3), normal(4, 3), spd(4, 3)
axes(
    "component means mapped, covariances forgotten",
    gaussian_logpdf,
    (_x5, _mu5, _cov5),
    {"in_axes": (None, 0, None)},
    lambda: jax.vmap(gaussian_logpdf, in_axes=(None, 0, 0))(_x5, _mu5, _cov5),
)


def polynomial_kernel(x, y):
    return (1.0 + jnp.dot(x, y)) ** 2


_x6, _y6 = normal(7, 3), normal(5, 3)
axes(
    "gram matrix with one of two vmaps",
    polynomial_kernel,
    (_x6, _y6),
    {"in_axes": (0, None)},
    lambda: jax.vmap(jax.vmap(polynomial_kernel, in_axes=(None, 0)), in_axes=(0, None))(_x6, _y6),
)


def conv_block(img, kernel):
    out = jax.lax.conv_general_dilated(img[None], kernel, (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return out[0].mean(axis=(0, 1))


_img8, _k8 = normal(16, 28, 28, 3), normal(3, 3, 3, 8)
axes(
    "images mapped along their channels",
    conv_block,
    (_img8, _k8),
    {"in_axes": (-1, None)},
    lambda: jax.vmap(conv_block, in_axes=(0, None))(_img8, _k8),
)


def monte_carlo_return(rewards, discounts):
    return jnp.dot(rewards, discounts)


_r9, _d9 = normal(20, 8), 0.95 ** jnp.arange(20)
axes(
    "time-major rewards mapped over time",
    monte_carlo_return,
    (_r9, _d9),
    {"in_axes": (0, None)},
    lambda: jax.vmap(monte_carlo_return, in_axes=(1, None))(_r9, _d9),
)


def member(params, x):
    h = jnp.tanh(params["w1"] @ x + params["b1"])
    return params["w2"] @ h + params["b2"]


_p10 = {"w1": normal(5, 6, 3), "b1": normal(5, 6), "w2": normal(5, 2, 6), "b2": normal(5, 2)}
_x10 = normal(3)
axes(
    "ensemble with a bias left out of the tree of axes",
    member,
    (_p10, _x10),
    {"in_axes": ({"w1": 0, "b1": None, "w2": 0, "b2": 0}, None)},
    lambda: jax.vmap(member, in_axes=(0, None))(_p10, _x10),
)


def angular_momentum(r, p):
    return jnp.cross(r, p)


_r12, _p12 = normal(3, 50), normal(3, 50)
axes(
    "columns of positions and momenta",
    angular_momentum,
    (_r12, _p12),
    {},
    lambda: jax.vmap(angular_momentum, in_axes=1, out_axes=1)(_r12, _p12),
)


def conjugate(q):
    w, x, y, z = q
    return jnp.stack([w, -x, -y, -z])


_q13 = normal(4, 12)
axes(
    "quaternions as columns",
    conjugate,
    (_q13,),
    {"out_axes": 1},
    lambda: jax.vmap(conjugate, in_axes=1, out_axes=1)(_q13),
)


def pendulum_energy(state, length):
    theta, omega = state
    return 0.5 * (length * omega) ** 2 + 9.81 * length * (1 - jnp.cos(theta))


_s14, _l14 = normal(5, 7, 2), uniform(5)
axes(
    "trajectories mapped, time steps not",
    pendulum_energy,
    (_s14, _l14),
    {},
    lambda: jax.vmap(jax.vmap(pendulum_energy, in_axes=(0, None)))(_s14, _l14),
)


def circuit_currents(conductance, injected):
    return jnp.linalg.solve(conductance, injected)


_g15, _i15 = spd(4), normal(4, 4)
axes(
    "one network for four load cases, mapped too",
    circuit_currents,
    (_g15, _i15),
    {},
    lambda: jax.vmap(circuit_currents, in_axes=(None, 0))(_g15, _i15),
)


def fir(signal, taps):
    return jnp.convolve(signal, taps, mode="valid")


_s16, _t16 = normal(10, 64), normal(10, 5)
axes(
    "a filter for each channel, shared by mistake",
    fir,
    (_s16, _t16),
    {"in_axes": (0, None)},
    lambda: jax.vmap(fir)(_s16, _t16),
)


def yield_curve(maturity, tenors, rates):
    return jnp.interp(maturity, tenors, rates)


_m17, _te17, _ra17 = uniform(12), jnp.linspace(0.0, 30.0, 9), uniform(12, 9)
axes(
    "a curve a day, shared by mistake",
    yield_curve,
    (_m17, _te17, _ra17),
    {"in_axes": (0, None, None)},
    lambda: jax.vmap(yield_curve, in_axes=(0, None, 0))(_m17, _te17, _ra17),
)


def td_gradient(w, s, r, s_next):
    def loss(w):
        target = r + 0.9 * jax.lax.stop_gradient(jnp.dot(w, s_next))
        return (target - jnp.dot(w, s)) ** 2

    return jax.grad(loss)(w)


_w18, _s18, _r18, _n18 = normal(6), normal(32, 6), normal(32), normal(32, 6)
axes(
    "reward of the transition not mapped",
    td_gradient,
    (_w18, _s18, _r18, _n18),
    {"in_axes": (None, 0, None, 0)},
    lambda: jax.vmap(td_gradient, in_axes=(None, 0, 0, 0))(_w18, _s18, _r18, _n18),
)


def variance(weights, cov):
    return weights @ cov @ weights


_w19, _c19 = simplex(5, 5), spd(5)
axes(
    "covariance mapped with five portfolios of five assets",
    variance,
    (_w19, _c19),
    {},
    lambda: jax.vmap(variance, in_axes=(0, None))(_w19, _c19),
)


def index_level(returns):
    weights = jnp.array([0.4, 0.3, 0.2, 0.1])
    return jnp.sum(weights * returns)


_r20 = normal(4, 252)
axes(
    "asset-major returns mapped over the assets",
    index_level,
    (_r20,),
    {},
    lambda: jax.vmap(index_level, in_axes=1)(_r20),
)


def message_pass(adj, h, w):
    return jax.nn.relu(jnp.einsum("ij,jf,fg->ig", adj, h, w))


_adj21, _h21, _w21 = uniform(8, 5, 5), normal(8, 5, 3), normal(3, 3)
axes(
    "a graph for each example, shared by mistake",
    message_pass,
    (_adj21, _h21, _w21),
    {"in_axes": (None, 0, None)},
    lambda: jax.vmap(message_pass, in_axes=(0, 0, None))(_adj21, _h21, _w21),
)


def bond_energy(positions, i, j):
    r = positions[i, :] - positions[j, :]
    return 0.5 * (jnp.linalg.norm(r) - 1.0) ** 2


_pos22, _src22, _dst22 = normal(6, 2), integers(6, 6), integers(6, 6)
axes(
    "six atoms and six bonds, positions mapped",
    bond_energy,
    (_pos22, _src22, _dst22),
    {},
    lambda: jax.vmap(bond_energy, in_axes=(None, 0, 0))(_pos22, _src22, _dst22),
)


def single_head(q, k, v):
    scores = jnp.einsum("qd,kd->qk", q, k) / math.sqrt(q.shape[-1])
    return jnp.einsum("qk,kd->qd", jax.nn.softmax(scores, axis=-1), v)


_q23, _k23, _v23 = normal(2, 4, 10, 16), normal(2, 4, 12, 16), normal(2, 4, 12, 16)
axes(
    "batch mapped, heads not",
    single_head,
    (_q23, _k23, _v23),
    {},
    lambda: jax.vmap(jax.vmap(single_head))(_q23, _k23, _v23),
)


def recall(query, keys, values):
    return jax.nn.softmax(query @ keys.T) @ values


_q24, _k24, _v24 = normal(4, 8), normal(4, 6, 8), normal(4, 6, 3)
axes(
    "memory of every agent shared",
    recall,
    (_q24, _k24, _v24),
    {"in_axes": (0, None, None)},
    lambda: jax.vmap(recall)(_q24, _k24, _v24),
)

_hann = jnp.hanning(64)


def frame_power(frame):
    return jnp.abs(jnp.fft.rfft(_hann * frame)) ** 2


_f25 = normal(64, 100)
axes(
    "frames are the columns",
    frame_power,
    (_f25,),
    {"in_axes": 0},
    lambda: jax.vmap(frame_power, in_axes=1)(_f25),
)


def kalman_update(m, P, z, H, R):
    S = H @ P @ H.T + R
    K = P @ H.T @ jnp.linalg.inv(S)
    return m + K @ (z - H @ m), P - K @ H @ P


_k26 = (normal(2, 4), spd(2, 4), normal(2, 2), normal(2, 4), spd(2))
axes(
    "two tracks and two sensors, everything mapped",
    kalman_update,
    _k26,
    {},
    lambda: jax.vmap(kalman_update, in_axes=(0, 0, 0, None, None))(*_k26),
)


def rnn(params, xs):
    def step(h, x):
        h = jnp.tanh(params["wx"] @ x + params["wh"] @ h)
        return h, None

    final, _ = jax.lax.scan(step, jnp.zeros(8), xs)
    return final


_p27, _xs27 = {"wx": normal(8, 7), "wh": normal(8, 8)}, normal(12, 7, 5)
axes(
    "batch is the last axis of the sequences",
    rnn,
    (_p27, _xs27),
    {"in_axes": (None, 0)},
    lambda: jax.vmap(rnn, in_axes=(None, 2))(_p27, _xs27),
)


def lookup(table, tokens, position):
    return table[tokens] + position


_t28, _to28, _po28 = normal(16, 8), integers(8, 16, 5), normal(5, 8)
axes(
    "vocabulary of sixteen mapped with sixteen sentences",
    lookup,
    (_t28, _to28, _po28),
    {"in_axes": (0, 0, None)},
    lambda: jax.vmap(lookup, in_axes=(None, 0, None))(_t28, _to28, _po28),
)

_critic = eqx.nn.MLP(in_size=6, out_size="scalar", width_size=16, depth=1, key=jax.random.PRNGKey(2))
_obs29 = normal(4, 10, 6)
axes(
    "environments mapped, steps of the rollout not",
    lambda obs: _critic(obs),
    (_obs29,),
    {},
    lambda: jax.vmap(jax.vmap(_critic))(_obs29),
)


def sample_weights(key, mean):
    return mean + 0.1 * jax.random.normal(key, mean.shape)


_key30, _mean30 = jax.random.split(jax.random.PRNGKey(3), 5), normal(5, 3)
axes(
    "the split keys are not mapped",
    sample_weights,
    (_key30, _mean30),
    {"in_axes": (None, 0)},
    lambda: jax.vmap(sample_weights)(_key30, _mean30),
)


def random_crop(img, corner):
    y, x = corner
    return jax.lax.dynamic_slice(img, (y, x), (24, 24))


_img31, _corner31 = normal(6, 28, 28), integers(4, 6, 2)
axes(
    "corners of the crops shared",
    random_crop,
    (_img31, _corner31),
    {"in_axes": (0, None)},
    lambda: jax.vmap(random_crop)(_img31, _corner31),
)


def square_root(a):
    def unfinished(x):
        return jnp.abs(x * x - a) > 1e-3

    return jax.lax.while_loop(unfinished, lambda x: 0.5 * (x + a / x), jnp.ones_like(a))


_a32 = uniform(3, 9)
axes(
    "scalar newton iteration on a matrix",
    square_root,
    (_a32,),
    {},
    lambda: jax.vmap(jax.vmap(square_root))(_a32),
)


def huber(residual, delta):
    return jax.lax.cond(
        jnp.abs(residual) < delta,
        lambda r: 0.5 * r**2,
        lambda r: delta * (jnp.abs(r) - 0.5 * delta),
        residual,
    )


_res33 = normal(40, 4)
axes(
    "scalar huber loss on rows of residuals",
    huber,
    (_res33, 1.0),
    {"in_axes": (0, None)},
    lambda: jax.vmap(jax.vmap(huber, in_axes=(0, None)), in_axes=(0, None))(_res33, 1.0),
)


def laplacian(x, stiffness):
    return jnp.trace(jax.hessian(lambda x: jnp.sin(x @ stiffness @ x))(x))


_x34, _st34 = normal(5, 6, 3), spd(3)
axes(
    "walkers mapped, their particles not",
    laplacian,
    (_x34, _st34),
    {"in_axes": (0, None)},
    lambda: jax.vmap(jax.vmap(laplacian, in_axes=(0, None)), in_axes=(0, None))(_x34, _st34),
)


def heat_solution(params, t, x):
    h = jnp.tanh(params[0] @ jnp.stack([t, x]))
    return params[1] @ h


_p35, _t35, _x35 = [normal(20, 2), normal(20)], uniform(30), normal(30)
axes(
    "collocation points with a shared place",
    heat_solution,
    (_p35, _t35, _x35),
    {"in_axes": (None, 0, None)},
    lambda: jax.vmap(heat_solution, in_axes=(None, 0, 0))(_p35, _t35, _x35),
)


def clip_feature(clip, projection):
    frames = clip.reshape(clip.shape[0], -1)
    return (frames @ projection).max(axis=0)


_clip36, _proj36 = normal(10, 4, 8, 8, 3), normal(192, 16)
axes(
    "time-major video mapped along the height",
    clip_feature,
    (_clip36, _proj36),
    {"in_axes": (2, None)},
    lambda: jax.vmap(clip_feature, in_axes=(1, None))(_clip36, _proj36),
)


def mlp_layers(layers, x):
    for w, b in layers:
        x = jax.nn.relu(w @ x + b)
    return x


_l37 = [(normal(9, 4), normal(6, 9)), (normal(6, 2, 9), normal(6, 2))]
_x37 = normal(4)
axes(
    "first kernel shared, its bias left shared too",
    mlp_layers,
    (_l37, _x37),
    {"in_axes": ([(None, None), (0, 0)], None)},
    lambda: jax.vmap(mlp_layers, in_axes=([(None, 0), (0, 0)], None))(_l37, _x37),
)


def gravity(masses, positions):
    diff = positions[:, None, :] - positions[None, :, :]
    distance2 = jnp.sum(diff**2, axis=-1) + 0.01
    return -jnp.sum(masses[:, None, None] * diff / distance2[..., None] ** 1.5, axis=0)


_m38, _pos38 = uniform(5), normal(5, 7, 3)
axes(
    "snapshots on axis 1, bodies mapped",
    gravity,
    (_m38, _pos38),
    {"in_axes": (None, 0)},
    lambda: jax.vmap(gravity, in_axes=(None, 1))(_m38, _pos38),
)


def logistic_loss(x, y, *, w):
    return jnp.logaddexp(0.0, -y * jnp.dot(w, x))


_x39, _y39, _w39 = normal(15, 15), normal(15), normal(15)


def _loss_grad(x, y, *, w):
    return jax.grad(lambda w: logistic_loss(x, y, w=w))(w)


axes(
    "keyword weights mapped as vmap always does",
    _loss_grad,
    (_x39, _y39),
    {},
    lambda: jax.vmap(lambda x, y: _loss_grad(x, y, w=_w39))(_x39, _y39),
    {"w": _w39},
)


def batch_step(params, batch):
    nodes = jnp.einsum("ij,jf->if", batch["adj"], batch["nodes"])
    logits = nodes.mean(axis=0) @ params["w"]
    return -jax.nn.log_softmax(logits)[batch["label"]]


_p40 = {"w": normal(4, 3)}
_b40 = {"adj": uniform(9, 9), "nodes": normal(9, 9, 4), "label": integers(3, 9)}
axes(
    "one road network for nine days, mapped",
    batch_step,
    (_p40, _b40),
    {"in_axes": (None, {"adj": 0, "nodes": 0, "label": 0})},
    lambda: jax.vmap(batch_step, in_axes=(None, {"adj": None, "nodes": 0, "label": 0}))(_p40, _b40),
)

AXES: tuple[Blame, ...] = tuple(_axes)

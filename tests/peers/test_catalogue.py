"""Every peer that can run here against the loop; torch's are among them where torch is installed."""

from dataclasses import replace
from importlib.util import find_spec

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo import outcome
from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.peers.catalogue import Peer, available, callables
from vmapdemo.peers.in_jax import BLOCK
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.strategies import looping_batch_convolve
from vmapdemo.timing.comparison import compare
from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.programs.inspection import inspect_trace

SEED = 20261019
SHAPES = ((3, 5), (1, 3))
DTYPES = (("int32", "float32"), ("float32", "float32"), ("int32", "int32"))
PEERS = pytest.mark.parametrize("peer", available(), ids=lambda peer: peer.name)


@PEERS
def test_a_peer_gives_what_the_loop_gives(peer: Peer) -> None:
    random = np.random.default_rng(SEED)
    for batch, length in SHAPES:
        for x_dtype, y_dtype in DTYPES:
            x = random.integers(-9, 10, (batch, length)).astype(x_dtype)
            y = random.integers(-9, 10, (batch, 3)).astype(y_dtype)
            expected = looping_batch_convolve(jnp.asarray(x), jnp.asarray(y))
            got = np.asarray(peer.function(*peer.arguments(x, y)))
            # As floats, since what a library makes of two integers is its own affair.
            sentence = disagreement(got.astype("float32"), np.asarray(expected, "float32"), "the loop")
            assert sentence is None, f"{(batch, length)}, {x_dtype}, {y_dtype}, seed {SEED}: {sentence}"


@PEERS
def test_a_peer_agrees_on_numbers_with_fractions(peer: Peer) -> None:
    random = np.random.default_rng(SEED)
    x, y = (random.normal(size=shape).astype("float32") for shape in ((4, 12), (4, 3)))
    expected = looping_batch_convolve(jnp.asarray(x), jnp.asarray(y))
    assert disagreement(np.asarray(peer.function(*peer.arguments(x, y))), expected, "the loop") is None


@PEERS
def test_a_peer_gets_arrays_of_its_own_kind(peer: Peer) -> None:
    kinds = {"jax": "jax", "numpy": "numpy", "torch": "torch"}
    for array in peer.arguments(np.ones((4, 5), "float32"), jnp.ones((4, 3))):
        assert type(array).__module__.partition(".")[0].removesuffix("lib") == kinds[peer.takes]


def test_a_block_that_is_not_full_is_mapped_too() -> None:
    peer = next(peer for peer in available() if peer.name == "lax_map_blocks")
    x, y = np.arange(4.0 * (BLOCK + 1)).reshape(-1, 4), np.ones((BLOCK + 1, 3))
    expected = x[:, :2] + x[:, 1:3] + x[:, 2:]
    assert disagreement(peer.function(*peer.arguments(x, y)), expected.astype("float32"), "the sum") is None


def test_names_and_labels_are_all_different_and_not_those_of_strategies() -> None:
    names = [*FUNCTIONS["convolve"].strategies, *(peer.name for peer in available())]
    assert len(set(names)) == len(names)
    assert len({peer.label for peer in available()}) == len(available())


def test_numpy_is_always_there_and_torch_where_it_is_installed() -> None:
    taken = {peer.takes for peer in available()}
    assert taken == {"jax", "numpy"} | ({"torch"} if find_spec("torch") else set())


def test_the_strategies_of_the_page_are_those_of_the_notebook_and_the_shifted_slices() -> None:
    assert FUNCTIONS["convolve"].strategies == ("loop", "mathy", "vmap", "jit", "shifted")


def test_other_functions_have_no_peers() -> None:
    assert available("another") == ()


def test_the_peers_are_compared_beside_the_strategies_and_none_is_wrong() -> None:
    scenario = PRESETS["distinct-rows"].scenario
    strategies = outcome.callables(scenario) | callables(scenario)
    found = compare(strategies, *outcome.arrays(scenario), budget_s=0.01)
    assert found.rejected == ()
    assert found.names == (*scenario.strategies, *(peer.name for peer in available()))
    assert {found[peer.name].dispatches for peer in available() if peer.takes == "jax"} == {1}
    assert {found[peer.name].dispatches for peer in available() if peer.takes != "jax"} == {None}


def test_a_peer_of_another_library_is_not_traced_and_takes_no_other_arrays() -> None:
    scenario = PRESETS["vmap"].scenario
    numpys = callables(scenario)["numpy_shifted"]
    assert inspect_trace(numpys, outcome.arrays(scenario)).dispatches is None
    with pytest.raises(TypeError, match="own copies"):
        numpys(*(jnp.array(array) for array in outcome.arrays(scenario)))


@pytest.mark.parametrize("name", ["single", "mismatch", "axes-1-1", "shared-kernel"])
def test_a_call_that_fails_or_has_its_batch_elsewhere_has_no_peers(name: str) -> None:
    assert callables(PRESETS[name].scenario) == {}


def test_out_axes_elsewhere_leaves_no_peers() -> None:
    assert callables(replace(PRESETS["vmap"].scenario, out_axes=1)) == {}


@PEERS
def test_a_candidate_computes_on_its_own_arguments_and_is_waited_for(peer: Peer) -> None:
    candidate = peer.candidate(np.ones((2, 4), "float32"), np.ones((2, 3), "float32"))
    result = candidate.wait(candidate.function(*candidate.args))
    assert np.asarray(result).tolist() == [[3, 3], [3, 3]]
    assert not isinstance(result, jax.Array) or result.is_ready()

import subprocess
import sys
from collections.abc import Iterator

import pytest

import vmapdemo
from tests.cells import IPython
from vmapdemo.notebook import notebook

SETUP = """
import jax, jax.numpy as jnp, vmapdemo
from jax import vmap
x, y = jnp.ones((5, 4)), jnp.ones((4, 3))
def convolve(a, b):
    print("tra" + "ced")  # else the line itself, in the traceback, would count
    return a[:3] @ b
"""
CALL = "jax.vmap(convolve, in_axes=1)(x, y)"
HEADLINE = "`a` and `b` disagree on the batch size."


@pytest.fixture(scope="module")
def shell() -> Iterator[IPython]:
    with IPython() as started:
        assert started.run(SETUP).text == ""
        yield started


@pytest.fixture
def installed(shell: IPython) -> Iterator[IPython]:
    assert shell.run("vmapdemo.install()").text == ""
    yield shell
    shell.run("vmapdemo.uninstall()\njax.config.update('jax_traceback_filtering', 'auto')")


def test_a_failing_vmap_call_is_explained_under_the_traceback_which_stays_as_it_was(shell: IPython) -> None:
    before = shell.run(CALL).text
    shell.run("vmapdemo.install()")
    after = shell.run(CALL).text
    shell.run("vmapdemo.uninstall()")
    assert "ValueError" in before
    assert HEADLINE not in before
    assert after.startswith(before)
    assert after[len(before) :].startswith(HEADLINE)
    assert "Fix: jax.vmap(convolve, in_axes=(1, 0), out_axes=0)(a, b)" in after


def test_a_vmap_that_was_imported_by_name_is_explained(installed: IPython) -> None:
    assert HEADLINE in installed.run("vmap(convolve, in_axes=1)(x, y)").text


def test_a_notebook_gets_html_with_the_same_text_beside_it(installed: IPython) -> None:
    shown = installed.run(CALL, notebook=True)
    assert len(shown.html) == 1
    assert "vmapdemo-explanation" in shown.html[0]
    assert HEADLINE not in shown.text


def test_jax_is_not_quoted_again_and_what_the_function_prints_meanwhile_is_not_shown(installed: IPython) -> None:
    text = installed.run("vmap(convolve, in_axes=(0, None))(x[:, :2], y)").text
    assert "`convolve` refuses one example of these shapes." in text
    assert "JAX says" not in text
    assert text.count("traced") == 1


def test_installing_twice_shows_it_once_and_one_uninstall_takes_it_back(installed: IPython) -> None:
    assert installed.run("vmapdemo.install()\n" + CALL).text.count(HEADLINE) == 1
    assert HEADLINE not in installed.run("vmapdemo.uninstall()\n" + CALL).text
    assert installed.run("vmapdemo.uninstall()").text == ""


@pytest.mark.parametrize(
    "cell", ["1 / 0", "jnp.dot(x, x)", "x +", "jax.jacfwd(lambda a: a @ x)(x)", CALL.replace("=1", "=(1, 0)")]
)
def test_nothing_is_shown_where_no_vmap_call_fails(installed: IPython, cell: str) -> None:
    after = installed.run(cell)
    installed.run("vmapdemo.uninstall()")
    assert installed.run(cell) == after


def test_a_handler_of_errors_that_was_there_still_runs(installed: IPython) -> None:
    installed.run("handler = lambda self, kind, error, tb, tb_offset=None: print('my own handler')")
    installed.run("get_ipython().set_custom_exc((ValueError,), handler)")
    text = installed.run(CALL).text
    installed.run("get_ipython().set_custom_exc((), None)")
    assert text.startswith("my own handler\n" + HEADLINE)


def test_of_two_vmaps_the_one_that_other_axes_mend_is_explained(installed: IPython) -> None:
    products = (
        "vmap(vmap(jnp.vdot, in_axes=({inner}, None)), in_axes=(None, {outer}))(jnp.ones((2, 3)), jnp.ones((3, 4)))"
    )
    outer = installed.run(products.format(inner=0, outer=0)).text
    assert "this is about the outermost" in outer
    assert "in_axes=(None, 1)" in outer
    inner = installed.run(products.format(inner=1, outer=1)).text
    assert "this is about the innermost" in inner
    assert "in_axes=(0, None)" in inner


def test_a_call_that_is_refused_before_it_has_arguments_says_how_to_ask(installed: IPython) -> None:
    assert notebook.REFUSED in installed.run("vmap(convolve, in_axes=0.5)").text
    assert "jax.vmap takes a function and got an ArrayImpl" in installed.run("vmap(jnp.ones(3))").text


def test_an_error_that_does_not_come_again_is_not_explained(installed: IPython) -> None:
    once = "met = []\ndef f(a):\n    met.append(a)\n    return a if met[1:] else met[9]\nvmap(f)(x)"
    assert installed.run(once).text.endswith(notebook.UNSEEN + "\n")


def test_a_traceback_without_the_frames_says_how_to_ask(installed: IPython) -> None:
    installed.run("jax.config.update('jax_traceback_filtering', 'quiet_remove_frames')")
    assert installed.run(CALL).text.endswith(notebook.ASK + "\n")
    assert notebook.ASK not in installed.run("jnp.dot(x, x)").text


def test_the_hook_itself_never_raises(installed: IPython) -> None:
    installed.run("from vmapdemo.notebook import notebook as hook\nkept = hook.failed_calls")
    installed.run("hook.failed_calls = None")
    text = installed.run(CALL).text
    installed.run("hook.failed_calls = kept")
    assert "callback" not in text
    assert text.endswith(notebook.ASK + "\n")


def test_without_a_running_ipython_a_sentence_says_so_and_ipython_is_not_imported() -> None:
    code = "import sys, vmapdemo; vmapdemo.install(); vmapdemo.uninstall(); print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [notebook.NO_IPYTHON, "False"]


def test_the_sentences_name_functions_that_are_there() -> None:
    assert callable(vmapdemo.explain)
    assert all("vmapdemo.explain" in text for text in (notebook.ASK, notebook.REFUSED, notebook.NO_IPYTHON))

"""The explanation under the traceback, in a notebook or IPython: ``install`` and ``uninstall``."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from typing import Any

from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.wording import a
from vmapdemo.notebook.tracebacks import FailedCall, failed_calls, hides_a_call

EVENT = "post_run_cell"
NO_IPYTHON = "IPython is not running, so nothing is installed: call vmapdemo.explain in place of jax.vmap instead."
ASK = "If a jax.vmap call failed here: vmapdemo.explain in its place, with the same arguments, says why."
REFUSED = "jax.vmap refused this before it had arguments: vmapdemo.explain in its place, called with them, says why."
UNSEEN = "vmapdemo.explain cannot say why: on the shapes alone this jax.vmap call does not fail like this."


def install() -> None:
    """Show an explanation under the traceback whenever a ``jax.vmap`` call fails in a cell of IPython or a notebook.

    The traceback stays as it is, and so do other handlers of errors. Where one vmap runs inside another, the
    innermost that a change of axes mends is explained, else the innermost. The function is traced again on the
    shapes of its arguments to find out; what it prints meanwhile is not shown. Errors that no vmap call is in are
    left alone. Without a running IPython nothing is installed, and a sentence says so.
    """
    shell = _shell()
    if shell is None:
        print(NO_IPYTHON)
    else:
        shell.events.register(EVENT, show_why)


def uninstall() -> None:
    """Take back what ``install`` did; harmless where it did nothing."""
    shell = _shell()
    if shell is not None:
        with suppress(ValueError):  # what IPython raises where nothing is registered
            shell.events.unregister(EVENT, show_why)


def show_why(result: Any) -> None:
    """What IPython calls after a cell, with its result: the explanation of the error in it, if there is one."""
    error = getattr(result, "error_in_exec", None)
    if not isinstance(error, Exception):
        return
    try:
        _show(error)
    except (Exception, KeyboardInterrupt):
        print(ASK)


def _shell() -> Any:
    """The running IPython; one that nobody has imported is not running, and is not imported to find that out."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _show(error: Exception) -> None:
    calls = failed_calls(error)
    if not calls:
        if hides_a_call(error):
            print(ASK)
    elif calls[0].args is None:
        print(_why_refused(calls[0]))
    else:
        _show_calls(calls)


def _why_refused(call: FailedCall) -> str:
    if callable(call.fun):
        return REFUSED
    return f"jax.vmap takes a function and got {a(type(call.fun).__name__)}: jax.vmap(f)(x), not jax.vmap(f(x))."


def _show_calls(calls: tuple[FailedCall, ...]) -> None:
    with _unheard():
        number, found = _best(calls)
    if found is None:
        print(UNSEEN)
        return
    if len(calls) > 1:
        print(_which(number, len(calls)))
    _display(found)


def _which(number: int, count: int) -> str:
    name = {1: "innermost", count: "outermost"}.get(number, f"number {number} from the inside")
    return f"There are {count} calls of jax.vmap inside one another here; this is about the {name}."


def _best(calls: tuple[FailedCall, ...]) -> tuple[int, Explanation | None]:
    """The first explanation with a fix, else the first at all, and the number of its call."""
    first: tuple[int, Explanation | None] = (0, None)
    for number, call in enumerate(calls, start=1):
        found = call.explained()
        if found is not None and found.fixes:
            return number, found
        if first[1] is None:
            first = number, found
    return first


@contextmanager
def _unheard() -> Iterator[None]:
    """The function is tried many times: what it prints, and what it is warned of, would bury the explanation."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def _display(found: Explanation) -> None:
    """HTML where the front end takes it, plain text in a terminal: IPython chooses."""
    found = replace(found, jax_error=None)  # the traceback just said it
    _shell().display_pub.publish({"text/plain": str(found), "text/html": found._repr_html_()}, metadata={})

"""A page whose connection was lost and is there again asks for a run, before its visitor does anything.

The connection may be to another process of the server, one that was started meanwhile or one beside it. Such a process
knows nothing of the visitor until a run of the whole page has read the address: it would not even see what he does in a
part of the page that is drawn alone, and would take the address before the first thing that he does elsewhere.
"""

from pathlib import Path

from vmapdemo.views import component

KEY = "reconnection"

_reconnection = component.declare(Path(__file__).parent, KEY)


def watch() -> None:
    """Draw what watches the connection, which is not to be seen; outside of every part that is drawn alone."""
    _reconnection(key=KEY, on_reconnected_change=_nothing_but_a_run)


def _nothing_but_a_run() -> None:
    """A process that knows the visitor has all that it needs, and another one reads the address."""

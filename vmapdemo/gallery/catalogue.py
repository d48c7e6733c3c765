"""Every function of the gallery, by its name and in the order in which it is shown."""

from itertools import chain

from vmapdemo.gallery import (
    across,
    basics,
    contractions,
    control_flow,
    ensembles,
    linear_algebra,
    networks,
    randomness,
    search,
    signals,
    simulation,
    tables,
)
from vmapdemo.gallery.entry import Entry

MODULES = (
    *(basics, signals, linear_algebra, tables, contractions, networks, ensembles, across),
    *(randomness, control_flow, simulation, search),
)
ENTRIES: tuple[Entry, ...] = tuple(chain.from_iterable(module.ENTRIES for module in MODULES))
FUNCTIONS = {entry.name: entry for entry in ENTRIES}


def entry_of(name: str, spec: str | None = None) -> Entry:
    """The entry of that name, for a spec that somebody typed where the function takes one.

    KeyError for a name that is not there; ValueError, with one sentence, for what is no spec.
    """
    entry = FUNCTIONS[name]
    if entry.typed is None or spec is None:
        return entry
    return entry.typed.make(spec)

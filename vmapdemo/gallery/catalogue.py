"""Every function of the gallery, by its name and in the order in which it is shown."""

from itertools import chain

from vmapdemo.gallery import across, basics, control_flow, ensembles, networks, randomness, search, signals, tables
from vmapdemo.gallery.entry import Entry

MODULES = (basics, signals, tables, networks, ensembles, across, randomness, control_flow, search)
ENTRIES: tuple[Entry, ...] = tuple(chain.from_iterable(module.ENTRIES for module in MODULES))
FUNCTIONS = {entry.name: entry for entry in ENTRIES}

"""Every function of the gallery, by its name and in the order in which it is shown."""

from vmapdemo.gallery import control_flow, linear_algebra, networks, randomness, search, signals, simulation
from vmapdemo.gallery.entry import Entry

GROUPS = (signals, linear_algebra, networks, randomness, control_flow, simulation, search)
ENTRIES: tuple[Entry, ...] = tuple(entry for group in GROUPS for entry in group.ENTRIES)
FUNCTIONS = {entry.name: entry for entry in ENTRIES}

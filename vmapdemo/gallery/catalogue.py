"""Every function of the gallery, by its name and in the order in which it is shown."""

from vmapdemo.gallery import control_flow, networks, search, signals
from vmapdemo.gallery.entry import Entry

ENTRIES: tuple[Entry, ...] = (*signals.ENTRIES, *networks.ENTRIES, *control_flow.ENTRIES, *search.ENTRIES)
FUNCTIONS = {entry.name: entry for entry in ENTRIES}

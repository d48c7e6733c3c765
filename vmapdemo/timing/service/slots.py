"""At most so many measurements at once on a machine, however many processes of the app run on it.

A slot is a file, locked for as long as something is measured. The lock is the operating system's: it is free again as
soon as the process that holds it ends, however it ends. Who waits stands behind one more lock, so that a process with a
long queue cannot take each slot that it frees before the others have looked.

The environment variable `VMAPDEMO_MEASURING_SLOTS` names the folder, which is made where it does not exist. All
processes that are to share have to see the same one. By default it is a folder of the user's own among the temporary
files, which services with private temporary folders (systemd's `PrivateTmp`, containers) do not share.
"""

import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

if sys.platform != "win32":
    import fcntl

FOLDER_VARIABLE = "VMAPDEMO_MEASURING_SLOTS"
UNSHARED = "Other processes of this machine may measure at the same time, for their slots cannot be shared: %s"
# How often whoever waits looks; a measurement takes seconds.
_LOOK_EVERY_S = 0.1

_log = logging.getLogger(__name__)

Slot = ExitStack
"""Closed when the measurement has ended."""


class Slots:
    """The slots of a machine, as one process sees them. `folder`: where they are; None where nobody shares them.

    A folder that cannot be used is worth one line in the log. From then on this process counts for itself.
    """

    def __init__(self, folder: Path | None, count: int) -> None:
        self._folder = folder
        self._names = [f"slot-{number}" for number in range(count)]

    def take(self, waits: Callable[[], bool] = lambda: False) -> Slot | None:
        """A slot that nobody else holds; None when there was none and `waits` said no.

        It is asked ten times a second whether to go on looking; by default there is one look.
        """
        if self._folder is None:
            return Slot()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._take_in(self._folder, waits)
        except OSError as error:
            _log.warning(UNSHARED, error)
            self._folder = None
            return Slot()

    def _take_in(self, folder: Path, waits: Callable[[], bool]) -> Slot | None:
        files = [folder / name for name in self._names]
        with ExitStack() as turn, ExitStack() as slot:
            if _lock_one([folder / "turn"], turn, waits) and _lock_one(files, slot, waits):
                return slot.pop_all()
        return None


def shared_folder() -> Path | None:
    """Where the processes of this machine find their slots; None, with a line in the log, where there is no place."""
    if sys.platform == "win32":
        _log.warning(UNSHARED, "Windows has no such locks.")
        return None
    named = os.environ.get(FOLDER_VARIABLE)
    try:
        return Path(named) if named else _folder_of_the_user()
    except OSError as error:
        _log.warning(UNSHARED, error)
        return None


def _folder_of_the_user() -> Path:
    """One that nobody else can write to, who could keep everybody waiting. OSError where there is none."""
    folder = Path(tempfile.gettempdir()) / f"vmapdemo-measuring-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise OSError(f"{folder} is not this user's alone.")
    return folder


def _lock_one(files: Sequence[Path], held: ExitStack, waits: Callable[[], bool]) -> bool:
    """Lock the first of these files that is free, until `held` is closed; False when `waits` says no before that."""
    while not any(_lock(file, held) for file in files):
        if not waits():
            return False
        time.sleep(_LOOK_EVERY_S)
    return True


def _lock(file: Path, held: ExitStack) -> bool:
    """Whether the file was free. Nobody's child process gets it: a lock must not outlive its holder."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with ExitStack() as opened:
        opened.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # Whoever clears out old temporary files leaves this one alone.
        os.utime(descriptor)
        held.enter_context(opened.pop_all())
    return True

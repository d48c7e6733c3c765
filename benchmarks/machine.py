"""What a table's figures hold for, and what else the machine was made to do meanwhile."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version


def conditions(*packages: str) -> str:
    """The machine, how busy it is, and the versions of Python and of these packages: one line."""
    place = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return ", ".join([place, f"Python {platform.python_version()}", *filter(None, map(_version, packages))])


@contextmanager
def spinning(processes: int) -> Iterator[None]:
    """So many processes that do nothing but use a core each, ended with the block."""
    command = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""

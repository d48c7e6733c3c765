"""A restart that no visitor loses anything by: one replica after another, each only when the one before is healthy."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

from deploy.configuration import SUPERVISOR
from deploy.settings import Replica, Settings

PATIENCE_S = 120.0


class NotHealthyError(Exception):
    """A replica did not come back; those after it were left as they are."""


def restart(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Restart each replica of this machine. NotHealthyError, one sentence, at the first that does not come back."""
    for replica in settings.replicas:
        supervisorctl(settings, "restart", replica.name)
        wait_until_healthy(replica)
        # Until then nginx may still pass it over, and must not find the next one gone as well.
        time.sleep(settings.rest_s + 1)
        say(f"{replica.name} is back")


def supervisorctl(settings: Settings, *command: str) -> None:
    """Tell the supervisor. NotHealthyError with what it says if it refuses, or if it is not there."""
    arguments = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(settings.folder / SUPERVISOR), *command]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotHealthyError(f"The supervisor says: {(done.stdout or done.stderr).strip()}")


def wait_until_healthy(replica: Replica, patience_s: float = PATIENCE_S) -> None:
    """Wait until it is warm. NotHealthyError after `patience_s` seconds."""
    deadline_s = time.monotonic() + patience_s
    while not is_healthy(replica):
        if time.monotonic() > deadline_s:
            raise NotHealthyError(f"{replica.name} was not healthy after {patience_s:.0f} s; see its log.")
        time.sleep(0.2)


def is_healthy(replica: Replica) -> bool:
    """Whether it says that it is ready: it does once everything is compiled that the first visitor needs."""
    try:
        with urllib.request.urlopen(f"http://{replica.listens}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False

"""A real IPython in a process of its own: cells go in, and what they show comes out."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell printed, its traceback included, and the rich displays that a notebook would draw, as HTML."""

    text: str
    html: tuple[str, ...]


class IPython:
    """An interactive shell without history; leave the block to end it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cells"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "IPython":
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def run(self, cell: str, *, notebook: bool = False) -> Shown:
        """Run a cell, as a terminal or as a notebook would."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"cell": cell, "notebook": notebook}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Shown(answer["text"], tuple(answer["html"]))


def _serve() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    shell: Any = InteractiveShell.instance(config=config)
    for line in sys.stdin:
        asked = json.loads(line)
        with capture_output(display=asked["notebook"]) as said:
            shell.run_cell(asked["cell"])
        html = [output.data.get("text/html", "") for output in said.outputs]
        print(json.dumps({"text": said.stdout, "html": html}), flush=True)


if __name__ == "__main__":
    _serve()

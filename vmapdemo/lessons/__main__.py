"""``python -m vmapdemo.lessons FOLDER``: checks a folder of lessons, and writes each as a page for a course site."""

import argparse
import sys
from pathlib import Path

from vmapdemo.lessons.course import check, course
from vmapdemo.lessons.words import ENGLISH


def main() -> int:
    """1 where something is wrong, with a sentence for each fault."""
    parser = argparse.ArgumentParser(prog="python -m vmapdemo.lessons", description="Check a folder of lessons.")
    parser.add_argument("folder", type=Path, nargs="?", default=ENGLISH, help="the folder; our own by default")
    asked = parser.parse_args()
    faults = check(asked.folder)
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    print(f"{len(course(asked.folder))} lessons, and nothing wrong with them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

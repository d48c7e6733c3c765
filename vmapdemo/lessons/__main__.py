"""``python -m vmapdemo.lessons FOLDER``: checks a folder of lessons, and writes each as a page for a course site."""

import argparse
import sys
from pathlib import Path

from vmapdemo.lessons.course import check, course, lesson
from vmapdemo.lessons.markdown import APP, page
from vmapdemo.lessons.words import ENGLISH, words


def main() -> int:
    """1 where something is wrong, with a sentence for each fault, and nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m vmapdemo.lessons", description="Check a folder of lessons.")
    parser.add_argument("folder", type=Path, nargs="?", default=ENGLISH, help="the folder; our own by default")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write each lesson as a page into this folder")
    parser.add_argument("--app", default=APP, metavar="URL", help="where the readers of these pages have the app")
    asked = parser.parse_args()
    faults = check(asked.folder)
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    found = course(asked.folder)
    print(f"{len(found)} lessons, and nothing wrong with them.")
    if asked.markdown is not None:
        asked.markdown.mkdir(parents=True, exist_ok=True)
        for written in found.values():
            text = page(lesson(written, words(asked.folder)), written.twin_why, asked.app)
            (asked.markdown / f"{written.source.path.stem}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

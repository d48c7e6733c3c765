"""What is wrong with a file of lessons, with the line of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence about one line of a file."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.sentence}"


class CourseError(ValueError):
    """Lessons that cannot be shown; the message has a line for each fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and where in it something is said."""

    path: Path
    text: str

    def fault(self, sentence: str, *names: str) -> Fault:
        """A fault at the entry of these names, a table and a key of it; at its table where it is missing."""
        return Fault(self.path.name, self._line(names), sentence)

    def _line(self, names: tuple[str, ...]) -> int:
        """The line of an entry; the first one where even its table is missing."""
        *tables, key = names or ("",)
        table, found = "", 1
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[+([\w.-]+)\]+", line)
            if header:
                table = header[1]
                found = number if table == ".".join(tables) or table == ".".join(names) else found
            elif table == ".".join(tables) and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return number
        return found

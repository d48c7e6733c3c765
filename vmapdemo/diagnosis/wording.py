"""Words that several sentences share."""

from collections.abc import Iterable


def listed(names: Iterable[str], last: str = "and") -> str:
    """The names in backticks, the last two joined by a word; empty for no names."""
    quoted = [f"`{name}`" for name in names]
    return "".join(quoted) if len(quoted) < 2 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 example``, ``3 examples``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def a(word: str) -> str:
    """The word with its article."""
    return f"{'an' if word[:1] in 'AEIOUaeiou' else 'a'} {word}"


def sentence(parts: Iterable[str]) -> str:
    """The parts joined by ``and``, from a capital letter to a full stop."""
    text = " and ".join(parts)
    return f"{text[0].upper()}{text[1:]}."

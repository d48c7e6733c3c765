"""Python's own parser, by one thread at a time.

Two threads that parse at once may disturb each other: CPython counts how deep it is for the whole process, and where a
garbage collection in between runs Python code, as JAX's does, the other thread's turn upsets the count (SystemError).
"""

import ast
import threading
import warnings
from typing import Any

# Python warns of some texts while it reads them ("0x1for x in y"): nobody wrote them here.
warnings.filterwarnings("ignore", category=SyntaxWarning, module="<unknown>")
warnings.filterwarnings("ignore", category=DeprecationWarning, module="<unknown>")

_parser = threading.RLock()


def parse(text: str) -> ast.Module:
    """As ``ast.parse``. SyntaxError or ValueError for what is no Python."""
    with _parser:
        return ast.parse(text)


def read_literal(text: str) -> Any:
    """The value that the text says, of numbers, texts, bools, None, tuples, lists, dicts and sets.

    ValueError for any other text.

    >>> read_literal("(0, None)")
    (0, None)
    """
    try:
        with _parser:
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("This is no Python value.") from error

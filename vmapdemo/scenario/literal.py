"""Text that says a value as Python does."""

import ast
import warnings
from typing import Any

# Python warns of some texts while it reads them ("0x1for x in y"): nobody wrote them here.
warnings.filterwarnings("ignore", category=SyntaxWarning, module="<unknown>")
warnings.filterwarnings("ignore", category=DeprecationWarning, module="<unknown>")


def read_literal(text: str) -> Any:
    """The value, of numbers, texts, bools, None, tuples, lists, dicts and sets; ValueError for any other text.

    >>> read_literal("(0, None)")
    (0, None)
    """
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("This is no Python value.") from error

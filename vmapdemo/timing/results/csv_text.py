"""Figures as CSV: one header, one line a record, and the conditions repeated in each, so that any line stands alone."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vmapdemo.timing.results.records import Conditions


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """The rows, which all have the columns of the first; what is None is an empty cell.

    >>> csv_text([{"name": "a", "best_s": 0.5}, {"name": "b", "best_s": None}])
    'name,best_s\\na,0.5\\nb,\\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def condition_columns(conditions: Conditions) -> dict[str, Any]:
    """The conditions as columns; the arguments in one, after one another."""
    return {**asdict(conditions), "arguments": "; ".join(conditions.arguments)}

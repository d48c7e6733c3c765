"""Folded below the arrays: the shapes that vmap sees, and JAX's own words about a call that fails."""

from vmapdemo import outcome
from vmapdemo.diagnosis.display import COLUMNS, cell_texts, output_text
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import AnySize
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import texts


def show(scenario: Scenario) -> None:
    """One row for each argument, the shapes of the result, and the exception verbatim."""
    found = outcome.explanation(scenario)
    folds = [texts.fold("What vmap sees", *_shapes_seen(scenario, found))]
    if found.jax_error is not None:
        folds.append(texts.fold("What JAX says", texts.verbatim(found.jax_error)))
    texts.show("shapes", *folds)


def _shapes_seen(scenario: Scenario, found: Explanation) -> list[texts.Block]:
    rows = [cell_texts(row) for row in found.arguments]
    sizes = outcome.any_size(scenario)
    told = [
        *(output_text(output) for output in found.output),
        *([f"any size: `{sizes.text}`{_held(sizes)}"] if sizes is not None else []),
    ]
    return [texts.table(COLUMNS, rows), *([texts.lines(*told)] if told else [])]


def _held(sizes: AnySize) -> str:
    return str(sizes).removeprefix(sizes.text)

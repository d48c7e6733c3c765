"""Writes and runs ``examples/three_verbs.ipynb``: ``python -m examples.write``. Its code is in CELLS."""

import json
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from vmapdemo.export import code_cell, markdown_cell, notebook_of

NOTEBOOK = Path(__file__).parent / "three_verbs.ipynb"

PROSE, CODE = "prose", "code"
CELLS: tuple[tuple[str, str], ...] = (
    (
        PROSE,
        "# Three verbs for a `jax.vmap` that is unclear\n\n"
        "A small network, its loss, and the gradient of each example: the code that people map every day. On the line "
        "in question one word changes: `jax.vmap` becomes `vmapdemo.explain`, `vmapdemo.trace` or `vmapdemo.compare`.",
    ),
    (
        CODE,
        "import jax\nimport jax.numpy as jnp\n\nimport vmapdemo\n\n\n"
        "def predict(params, x):\n"
        '    hidden = jnp.tanh(params["w1"] @ x + params["b1"])\n'
        '    return params["w2"] @ hidden\n\n\n'
        "def loss(params, x, y):\n"
        "    return jnp.sum((predict(params, x) - y) ** 2)\n\n\n"
        "def gradient(params, x, y):\n"
        "    return jax.grad(loss)(params, x, y)\n\n\n"
        "keys = jax.random.split(jax.random.key(0), 4)\n"
        "params = {\n"
        '    "w1": jax.random.normal(keys[0], (8, 5)),\n'
        '    "b1": jnp.zeros(8),\n'
        '    "w2": jax.random.normal(keys[1], (2, 8)),\n'
        "}\n"
        "x_batch = jax.random.normal(keys[2], (16, 5))\n"
        "y_batch = jax.random.normal(keys[3], (16, 2))",
    ),
    (PROSE, "## explain\n\nThe parameters are meant for all examples, but nothing says so:"),
    (CODE, "found = vmapdemo.explain(gradient)(params, x_batch, y_batch)\nprint(found)"),
    (PROSE, "The fix was checked on the real `jax.vmap`. It can be pasted, or run:"),
    (CODE, "print(found.fixes[0].code)\njax.tree.map(jnp.shape, found.fixes[0].run())"),
    (PROSE, "A fault in the body is told with its line, and with what to write instead:"),
    (
        CODE,
        "def clipped(params, x):\n"
        "    out = predict(params, x)\n"
        "    if jnp.linalg.norm(out) > 1:\n"
        "        return out / jnp.linalg.norm(out)\n"
        "    return out\n\n\n"
        "print(vmapdemo.explain(clipped, in_axes=(None, 0))(params, x_batch))",
    ),
    (PROSE, "What runs may still be hardly meant. Here every example gets the same noise:"),
    (
        CODE,
        "def augmented(key, x):\n"
        "    return x + 0.1 * jax.random.normal(key, x.shape)\n\n\n"
        "print(vmapdemo.explain(augmented, in_axes=(None, 0))(keys[0], x_batch))",
    ),
    (PROSE, "## trace\n\nWhere the batch axis is in every operation, and what is done once for all examples:"),
    (
        CODE,
        "def weighed(w, x):\n"
        "    gram = w.T @ w\n"
        "    return gram @ x\n\n\n"
        'print(vmapdemo.trace(weighed, in_axes=(None, 0))(params["w1"], x_batch))',
    ),
    (PROSE, "## compare\n\nThree ways to run the same batch, measured side by side:"),
    (
        CODE,
        "def looped(params, x_batch):\n"
        "    return jnp.stack([predict(params, x) for x in x_batch])\n\n\n"
        "mapped = jax.vmap(predict, in_axes=(None, 0))\n"
        'strategies = {"loop": looped, "vmap": mapped, "jit of vmap": jax.jit(mapped)}\n'
        "print(vmapdemo.compare(strategies, params, x_batch, budget_s=2.0))",
    ),
    (
        PROSE,
        "In IPython, `vmapdemo.install()` shows the explanation under every traceback of a failing `jax.vmap`, without "
        "a change in your code.",
    ),
)


def write() -> str:
    """The notebook with what its cells print, as text. Raises RuntimeError where a cell fails."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    cells = []
    for number, (kind, text) in enumerate(CELLS):
        cells.append(markdown_cell(text) if kind == PROSE else _run(shell, text, number))
    return notebook_of(cells)


def sources(notebook: str) -> tuple[tuple[str, str], ...]:
    """What a notebook holds, without what its cells printed."""
    kinds = {"markdown": PROSE, "code": CODE}
    return tuple((kinds[cell["cell_type"]], cell["source"]) for cell in json.loads(notebook)["cells"])


def _run(shell: InteractiveShell, text: str, number: int) -> dict[str, Any]:
    with capture_output() as captured:
        ran = shell.run_cell(text, store_history=False, silent=False)
    if not ran.success:
        raise RuntimeError(f"Cell {number} failed: {ran.error_in_exec or ran.error_before_exec}")
    printed = captured.stdout.removeprefix("Out[0]: ")
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    return {**code_cell(text), "execution_count": number, "outputs": [output] if printed else []}


if __name__ == "__main__":
    NOTEBOOK.write_text(write() + "\n", encoding="utf-8")

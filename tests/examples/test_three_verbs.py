"""The notebook of the examples runs, in a process of its own since IPython has one shell for each."""

import subprocess
import sys
from pathlib import Path

from examples.write import CELLS, NOTEBOOK, sources

ROOT = Path(__file__).parents[2]
RUN = "from examples.write import write; print(write())"


def test_the_notebook_holds_the_cells() -> None:
    assert sources(NOTEBOOK.read_text(encoding="utf-8")) == CELLS


def test_every_cell_runs_and_says_what_it_is_about() -> None:
    ran = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    for words in (
        "jax.vmap(gradient, in_axes=(None, 0, 0), out_axes=0)(params, x, y)",
        "jnp.where(jnp.linalg.norm(out) > 1, ..., ...)",
        "Caution (shared-random)",
        "jax.random.split(key, 16)",
        "shared by all 16",
        "speed-up",
    ):
        assert words in ran.stdout, words

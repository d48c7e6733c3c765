"""The caller's line that an operation comes from, as the trace shows it."""

from pathlib import Path

import jax
import jaxlib

from vmapdemo.diagnosis.probe.source_line import SourceLine
from vmapdemo.tracing.records import Source

_JAX = tuple(str(Path(module.__file__ or "").parent) for module in (jax, jaxlib))


def is_jax_file(file: str) -> bool:
    """Whether a file is part of JAX."""
    return file.startswith(_JAX)


def source_of(line: SourceLine | None) -> Source | None:
    """The line as a Source, without the folder of its file."""
    return None if line is None else Source(Path(line.file).name, line.line, line.text, line.function)

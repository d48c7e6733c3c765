"""What a diagnosis says: the whole, which prints itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vmapdemo.diagnosis import display
from vmapdemo.diagnosis.records import AnySize, ArgumentRow, Caution, Culprit, Fix, Later, Output


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``jax.vmap`` makes of a call.

    ``ok`` says whether JAX accepts it. If not: ``culprit``, ``headline``, ``reason``, ``fixes`` (best first),
    ``advice`` for a fault in the function's body, and ``jax_error``, JAX's own words. If so: ``output`` and
    ``cautions``. ``arguments`` has a row for each array. ``notes`` say what was not looked at, and why.
    """

    ok: bool
    culprit: Culprit | None
    headline: str
    reason: str
    arguments: tuple[ArgumentRow, ...]
    output: tuple[Output, ...] = ()
    fixes: tuple[Fix, ...] = ()
    cautions: tuple[Caution, ...] = ()
    advice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    jax_error: str | None = None
    batch_size: int | None = None
    sizes: Later = field(repr=False, compare=False, default_factory=Later)

    @property
    def any_size(self) -> AnySize | None:
        """The shapes of an accepted call in symbols; None if the function cannot be asked about other sizes.

        It is found when it is first asked for, since the function is traced on other sizes for it. From then on
        ``str()`` shows it too.
        """
        answer: AnySize | None = self.sizes()
        return answer

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__  # what a prompt and a notebook without HTML show

    def _lines(self) -> Iterator[str]:
        """Verdict, table of arguments, result, cautions, fixes and advice, one after the other."""
        yield self.headline
        yield self.reason
        yield from display.table_lines(self.arguments)
        yield from self._result_lines()
        for caution in self.cautions:
            yield from display.caution_lines(caution)
        yield from map(display.fix_line, self.fixes)
        yield from self.advice
        yield from self.notes
        if self.jax_error is not None:
            yield f"JAX says: {self.jax_error}"

    def _result_lines(self) -> Iterator[str]:
        yield from map(display.output_text, self.output)
        if self.sizes.known is not None:
            yield f"any size: {self.sizes.known}"

    def _repr_html_(self) -> str:
        """The same in HTML; every text is escaped, and colours go with a light and a dark notebook."""
        parts = [
            display.verdict_html(self.ok, self.headline, self.reason),
            display.table_html(self.arguments),
            *map(display.paragraph, self._result_lines()),
            *map(display.caution_html, self.cautions),
            *map(display.fix_html, self.fixes),
            *map(display.paragraph, (*self.advice, *self.notes)),
            display.jax_error_html(self.jax_error),
        ]
        return f'<div class="vmapdemo-explanation">{"".join(parts)}</div>'

"""Names of batch axes that collectives ask for (``jax.lax.psum(x, "batch")``)."""

import re

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.reach import texts
from vmapdemo.diagnosis.probe.refusal import Refusal
from vmapdemo.diagnosis.probe.surroundings import Surroundings


def asked_for(call: Call, refusal: Refusal | None) -> list[str]:
    """Names of the function's own texts that JAX's refusal speaks of, and that no vmap gives."""
    names = missing_names(call, refusal)
    known = set(_words(refusal)) & set(_own_texts(call)) if names else ()
    return [name for name in names if name in known]


def missing_names(call: Call, refusal: Refusal | None) -> list[str]:
    """Names that the batch axis may lack, the likeliest first: JAX's words suggest them, and the function's own texts.

    Empty unless the function was refused for a name.
    """
    if refusal is None or not refusal.is_a(NameError):
        return []
    words, own = _words(refusal), _own_texts(call)
    likely = [text for text in own if text in words]
    names = dict.fromkeys((*likely, *own, *reversed(words)))
    return [name for name in names if name != call.options.axis_name]


def _words(refusal: Refusal | None) -> list[str]:
    return re.findall(r"[\w-]+", refusal.message) if refusal is not None else []


def _own_texts(call: Call) -> list[str]:
    return [text for code in Surroundings(call.function).codes for text in texts(code) if text.isidentifier()]

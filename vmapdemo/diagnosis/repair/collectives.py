"""Names of batch axes that collectives ask for (``jax.lax.psum(x, "batch")``)."""

import re

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.reach import texts
from vmapdemo.diagnosis.probe.surroundings import Surroundings
from vmapdemo.diagnosis.verdict.verdict import Verdict


def asked_for(call: Call, verdict: Verdict) -> list[str]:
    """Names of the function's own texts that JAX's refusal speaks of, and that no vmap gives."""
    refusal = verdict.refusal
    if refusal is None or not refusal.is_a(NameError):
        return []
    known = set(re.findall(r"[\w-]+", refusal.message)) & set(_own_texts(call))
    return [name for name in missing_names(call, verdict) if name in known]


def _own_texts(call: Call) -> list[str]:
    return [text for code in Surroundings(call.function).codes for text in texts(code) if text.isidentifier()]


def missing_names(call: Call, verdict: Verdict) -> list[str]:
    """Names that the batch axis may lack, the likeliest first: JAX's words suggest them, and the function's own texts.

    Empty unless the function was refused for a name.
    """
    refusal = verdict.refusal
    if refusal is None or not refusal.is_a(NameError):
        return []
    words = re.findall(r"[\w-]+", refusal.message)
    own = _own_texts(call)
    likely = [text for text in own if text in words]
    names = dict.fromkeys((*likely, *own, *reversed(words)))
    return [name for name in names if name != call.options.axis_name]

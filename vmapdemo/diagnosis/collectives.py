"""Names of batch axes that collectives ask for (``jax.lax.psum(x, "batch")``)."""

import re

from vmapdemo.diagnosis.call import Call
from vmapdemo.diagnosis.probe.reach import texts
from vmapdemo.diagnosis.probe.surroundings import Surroundings
from vmapdemo.diagnosis.verdict import Verdict


def missing_names(call: Call, verdict: Verdict) -> list[str]:
    """Names that the batch axis may lack, the likeliest first: JAX's words suggest them, and the function's own texts.

    Empty unless the function was refused for a name.
    """
    refusal = verdict.refusal
    if refusal is None or not refusal.is_a(NameError):
        return []
    words = re.findall(r"[\w-]+", refusal.message)
    own = [text for code in Surroundings(call.function).codes for text in texts(code) if text.isidentifier()]
    likely = [text for text in own if text in words]
    names = dict.fromkeys((*likely, *own, *reversed(words)))
    return [name for name in names if name != call.options.axis_name]

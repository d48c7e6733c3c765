"""A call with another value in the place of one of its arrays, and the code that says so."""

from dataclasses import replace
from typing import Any

import jax

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.code import replaced_code


def codes_of(call: Call) -> tuple[str, ...]:
    """What is written for each argument, also for those that are written together as ``*values``."""
    codes = call.codes or call.names
    if len(codes) == len(call.arguments):
        return codes
    values = codes[0].removeprefix("*")
    return tuple(f"{values}[{index}]" for index in range(len(call.arguments)))


def with_leaf(call: Call, index: int, value: Any, code: str) -> Call:
    """The call with this value for an array of its arguments or keywords; ``code`` is what to write for the value."""
    leaf = call.leaves[index]
    flat = [other.value for other in call.leaves]
    flat[index] = value
    arguments, keywords = jax.tree.unflatten(call.structure, flat)
    if leaf.argument is None:
        name = leaf.path.removesuffix(jax.tree_util.keystr(leaf.keys))
        written = dict(call.keyword_codes).get(name, name)
        changed = replaced_code(written, call.keywords[name], leaf, code)
        return replace(call, keywords=keywords, keyword_codes=(*call.keyword_codes, (name, changed)))
    position, codes = leaf.argument, codes_of(call)
    changed = replaced_code(codes[position], call.arguments[position], leaf, code)
    return replace(call, arguments=arguments, codes=(*codes[:position], changed, *codes[position + 1 :]))

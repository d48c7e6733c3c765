"""Behind ``explain``: what vmap makes of a call, why JAX refuses it, and what to write instead.

``call`` reads what was asked and never calls the function. ``probe`` is the one room that does, and leaves everything
as it was. ``verdict`` accepts or refuses the call, ``repair`` finds other axes and arguments, ``advice`` what to change
in the body, ``cautions`` and ``any_size`` look at calls that run. ``remedies`` says whose fault it is in the end and
what is tried in which order; ``engine`` puts it all together.
"""

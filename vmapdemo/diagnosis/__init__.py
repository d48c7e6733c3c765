"""Behind ``explain``: what vmap makes of a call, why JAX refuses it, and what to write instead.

``probe`` is the one room that calls the caller's function, and it leaves everything as it was. ``axes`` reads in_axes
and out_axes, ``verdict`` says what JAX makes of the call, ``remedies`` whose fault it is in the end and in which order
what mends it is tried: ``likelihood`` weighs other axes against a fault of the body, ``search`` and ``fixes`` find
other axes, ``rewrites`` other arguments, ``advice`` says what to change in the body. ``cautions``, ``once`` and
``values`` look at calls that run. ``engine`` puts them together.
"""

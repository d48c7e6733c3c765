"""Behind ``explain``: what vmap makes of a call, why JAX refuses it, and what to write instead.

``axes`` reads in_axes and out_axes, ``shapes`` asks the function about one example, ``verdict`` says whose fault it
is, ``fixes`` and ``cautions`` propose what to write instead, ``engine`` puts them together.
"""

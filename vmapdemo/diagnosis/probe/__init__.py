"""What JAX and the caller's function answer: the one room in which the function is called.

``surroundings`` keeps what the function can reach as it was, ``calling`` calls the function, ``probe`` asks and
remembers, ``budget`` says when to stop, ``failing_line`` reads the traceback, ``batch_dependence`` and ``real_run``
read and run the program that came of it.
"""

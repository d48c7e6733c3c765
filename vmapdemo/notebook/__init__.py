"""The explanation under a traceback, in a notebook or IPython."""

"""The view Trace: a function's lines beside its program and its batched program."""

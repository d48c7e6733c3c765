"""Behind ``vmapdemo.trace``: where the batch axis is in every operation of a function.

The function is traced once for one example (program), then run again under the real ``jax.vmap`` with a mark after
every operation (marks). The marks split JAX's own batched program into what each operation became.
"""

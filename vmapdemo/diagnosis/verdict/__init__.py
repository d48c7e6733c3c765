"""Whether jax.vmap accepts the call, which of its rules the call breaks, and the rows to show."""

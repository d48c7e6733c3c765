"""What a function makes JAX do, counted and priced: dispatches, operations, the compiled program."""

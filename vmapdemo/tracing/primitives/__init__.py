"""What is known of each of JAX's primitives; the one place to add another."""

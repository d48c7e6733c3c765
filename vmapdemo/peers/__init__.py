"""More ways to compute what the strategies compute, in JAX and in other libraries: what is possible here."""

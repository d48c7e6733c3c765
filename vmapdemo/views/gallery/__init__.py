"""The view Gallery: every function, to be searched and opened."""

"""The functions of one example that the page offers, and how each is batched by hand."""

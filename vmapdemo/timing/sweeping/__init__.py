"""One strategy after another at one size after another, within a budget."""

"""Lessons that ask before they show: what each one says and asks, and how its answers are found."""

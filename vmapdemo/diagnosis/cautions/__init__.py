"""Calls that run, but are probably not meant."""

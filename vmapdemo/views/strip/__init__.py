"""The strip that stays in sight on every view: the call with its axes, and whether it runs."""

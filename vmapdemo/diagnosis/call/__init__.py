"""The call as it was written: its arguments laid out flat, its axes read, its text. Never calls the function."""

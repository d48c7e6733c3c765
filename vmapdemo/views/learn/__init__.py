"""The view Learn: the course, and one lesson at a time, which asks before it shows."""

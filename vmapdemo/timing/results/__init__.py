"""Figures as frozen records, with their tables, files and sentences."""

"""What a visitor has set, as frozen records: arguments, axes, presets, edits, and the link that holds them all."""

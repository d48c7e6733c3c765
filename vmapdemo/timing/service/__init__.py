"""The queue of measurements behind the page, and the processes that work it off."""

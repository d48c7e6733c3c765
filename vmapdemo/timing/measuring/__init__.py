"""How a function is timed: blocks of calls, interleaved, with nothing known of strategies or scenarios."""

"""What to write instead: other axes, or other arguments, each checked on the real vmap."""

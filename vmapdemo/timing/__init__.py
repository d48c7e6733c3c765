"""How long each strategy takes, measured so that the figures hold on a busy machine, and what they mean."""

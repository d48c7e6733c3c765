"""A process that answers for the page what would keep the page's own busy: strategies, large scenarios, long traces."""

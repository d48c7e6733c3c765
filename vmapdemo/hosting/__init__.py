"""What a server that strangers reach needs around the page: limits, headers, health, metrics and logs.

It knows nothing of the page; the page's server puts it together (``views/server.py``).
"""

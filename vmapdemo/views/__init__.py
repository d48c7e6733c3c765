"""The pages: the only room that imports streamlit. ``main`` reads like a table of contents."""

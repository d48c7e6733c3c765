"""The room of a workshop: people vote on a lesson's question, talk, vote again, and then see what is true.

`room` is the state machine, a frozen record; `sights` is what each of its three pages may see; `rooms` keeps those that
are open in the memory of this process; `routes` serves them. Nothing here knows of Streamlit.
"""

"""All that this project uses of Streamlit beyond its documented names, in one place."""

from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

__all__ = ["RerunException", "is_history_navigation"]


def is_history_navigation() -> bool:
    """Whether this run comes from Back or Forward. Streamlit knows it, but has no public name for it yet.

    Without the attribute Back and Forward change the address alone.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))

"""All that this project uses of Streamlit beyond its documented names, in one place."""

from collections.abc import Callable

from streamlit import runtime
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

__all__ = ["RerunException", "is_history_navigation", "presence"]


def is_history_navigation() -> bool:
    """Whether this run comes from Back or Forward. Streamlit knows it, but has no public name for it yet.

    Without the attribute Back and Forward change the address alone.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def presence() -> Callable[[], bool | None]:
    """Asks, from any thread and at any time, whether the page that is being drawn now is connected to this server.

    Streamlit keeps the session of a page that has lost its connection, so that the page may come back to it, and has no
    public name for the difference. The answer is None where it cannot be told.
    """
    session_id = getattr(get_script_run_ctx(suppress_warning=True), "session_id", None)

    def is_connected() -> bool | None:
        if session_id is None or not runtime.exists():
            return None
        is_active: Callable[[str], bool] | None = getattr(runtime.get_instance(), "is_active_session", None)
        return None if is_active is None else is_active(session_id)

    return is_connected

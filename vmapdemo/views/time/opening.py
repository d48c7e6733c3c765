"""Opening a measurement that was saved as a file. What comes in is checked here, whatever the browser has checked."""

import streamlit as st

from vmapdemo.timing.service.saved import MOST_CHARACTERS, Saved
from vmapdemo.views import state, texts
from vmapdemo.views.time import jobs, keeping

FILE = "open_file"


def show() -> None:
    """The place to drop a file, and why the last one was not taken."""
    with st.expander("Open a saved measurement", key="opening"):
        st.file_uploader(
            "A JSON file that was saved here",
            type="json",
            key=FILE,
            max_upload_size=max(1, MOST_CHARACTERS // 2**20),
            on_change=_open,
        )
    sentence = state.notice(FILE)
    if sentence:
        texts.show(f"notice_{FILE}", texts.lines("The file was not opened.", sentence, kind="caution"))


@state.callback
def _open() -> None:
    """The file becomes the run that is kept, of its kind; one that cannot be read changes nothing."""
    uploaded = st.session_state[FILE]
    if uploaded is None:
        return
    if not hasattr(uploaded, "getvalue"):  # Streamlit's word for a file that it does not have
        state.refuse(FILE, "The file has not arrived here: choose it again.")
        return
    try:
        saved = read(uploaded.getvalue())
        _draw(saved, jobs.measured(saved.kind))
        keeping.keep(saved)
    except ValueError as error:
        state.refuse(FILE, str(error))
        return
    state.clear(FILE)


def read(content: bytes) -> Saved:
    """The measurement in a file. ValueError, one sentence, for anything else."""
    if len(content) > MOST_CHARACTERS:
        raise ValueError(f"The file has {len(content):,} bytes; at most {MOST_CHARACTERS:,} are read.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("The file is not text.") from error
    return Saved.from_json(text)


def _draw(saved: Saved, measured: Saved | None) -> None:
    """Everything that a run of the page may draw of it. ValueError, one sentence, where that fails."""
    try:
        keeping.rehearse(saved, measured)
    except Exception as error:  # whatever it is, the page must not meet it again and again
        raise ValueError("Its figures cannot be drawn.") from error

"""The app without limits to how often somebody may ask: for a benchmark that asks as often as it can."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from vmapdemo.views import main, server
from vmapdemo.views.frames import KnownMessages

app = st.App(
    Path(main.__file__),
    lifespan=server.lifespan,
    on_script_error=server.on_script_error,
    middleware=[Middleware(KnownMessages)],
)

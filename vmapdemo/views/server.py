"""The server around the page: warm before it says that it is healthy, and quiet about errors."""

import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jax
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from vmapdemo import outcome
from vmapdemo.evaluator.evaluator import NotAnsweredError, evaluator
from vmapdemo.evaluator.questions import about
from vmapdemo.hosting import logs, memory, metrics, settings
from vmapdemo.hosting.address import OwnAddress
from vmapdemo.hosting.headers import Headers, Private
from vmapdemo.hosting.health import Health
from vmapdemo.hosting.limits import Limits
from vmapdemo.hosting.own_origin import OwnOrigin
from vmapdemo.hosting.settings import Settings
from vmapdemo.hosting.uvicorn_internals import Transports
from vmapdemo.lessons.course import lessons
from vmapdemo.lessons.records import Lesson
from vmapdemo.room.rooms import Rooms
from vmapdemo.room.routes import RoomRoutes
from vmapdemo.scenario import presets
from vmapdemo.views import main, streamlit_internals
from vmapdemo.views.frames import KnownMessages
from vmapdemo.views.lessons import folder
from vmapdemo.views.time.jobs import pool

logger = logging.getLogger(__name__)
SET = settings.read()
health = Health()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Evaluate what the first visitor will see, then take everything loaded so far out of the garbage collector."""
    if SET.json_logs:
        logs.write_json()
    streamlit_internals.quiet_downloads()
    streamlit_internals.remember_theme()
    metrics.count_programs()
    metrics.WAITING.set_function(lambda: pool().waiting)
    metrics.RUNNING.set_function(lambda: pool().running)
    warm_up()
    gc.freeze()
    with metrics.served(SET.metrics):
        health.is_ready = True
        try:
            async with memory.below(memory.Ceiling()):
                yield
        finally:
            health.is_ready = False
            pool().close()
            evaluator().close()


def warm_up() -> None:
    """Import and compile what the preset that a bare address opens needs, here and in the evaluating process."""
    # A rejected trace takes 5 ms with JAX's own filter on tracebacks and 0.6 ms without.
    jax.config.update("jax_traceback_filtering", "off")
    scenario = presets.DEFAULT.scenario
    outcome.see(scenario)
    # Not waited for: the first visitor sees the arrays before the strategies.
    for strategy in scenario.strategies:
        evaluator().begin(about("run", scenario, strategy))
    evaluator().begin(about("cards", scenario))


def on_script_error(error: Exception) -> bool:
    """A sentence for the visitor, the traceback for the log."""
    if isinstance(error, NotAnsweredError):
        logger.warning("The evaluating process gave no answer.", exc_info=error)
        st.error("The server is busy with large arrays. Reload the page in a minute, or use smaller ones.")
        return True
    metrics.ERRORS.inc()
    logger.error("The page failed", exc_info=error)
    st.error("Something went wrong here, and it is our mistake. Reload the page to go on from your link.")
    return True


def middleware(chosen: Settings) -> list[Middleware]:
    """What every request goes through, outermost first."""
    return [
        Middleware(Transports),
        Middleware(
            Headers,
            frame_ancestors=chosen.frame_ancestors,
            inline_scripts=streamlit_internals.inline_scripts(),
        ),
        *([] if chosen.behind_proxy else [Middleware(OwnAddress)]),
        *([Middleware(OwnOrigin, others=_other_origins())] if st.get_option("server.enableCORS") else []),
        Middleware(Private),
        Middleware(Limits),
        Middleware(KnownMessages),
        Middleware(metrics.Watched, ends_run=streamlit_internals.ends_run),
    ]


def course() -> tuple[Lesson, ...]:
    """The lessons that the view Learn has too."""
    return lessons(folder())


def rooms(course: Callable[[], Sequence[Lesson]]) -> list[Route]:
    """The addresses of a workshop's rooms, on these lessons."""
    return RoomRoutes(Rooms(course, SET.room_letter)).routes


def _other_origins() -> frozenset[str]:
    """The hosts whose pages may connect beside those that this server serves itself."""
    named = [st.get_option("browser.serverAddress"), st.get_option("server.address")]
    listed = [urlsplit(origin).hostname for origin in st.get_option("server.corsAllowedOrigins") or []]
    return frozenset(host for host in (*named, *listed) if host)


# Both entries make their App of it, so that they cannot differ.
APP: dict[str, Any] = {
    # Imported here too, or the first visitor would wait for pandas and all else that the page needs.
    "script_path": Path(main.__file__),
    "lifespan": lifespan,
    "on_script_error": on_script_error,
    "middleware": middleware(SET),
    "routes": [*health.routes, *rooms(course)],
}

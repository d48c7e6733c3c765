"""What the operator sees of a running server: in Prometheus's format, at an address that no proxy passes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import jax
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vmapdemo.hosting.settings import Address
from vmapdemo.timing.measuring.cold import COMPILE_EVENT

RUN_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
SESSIONS = Gauge("vmapdemo_sessions", "Open connections: one for each page that is open.", registry=REGISTRY)
RUNS = Histogram(
    "vmapdemo_run_seconds",
    "From a message of a page to the end of the run that answers it.",
    buckets=RUN_SECONDS,
    registry=REGISTRY,
)
REFUSED = Counter("vmapdemo_refused", "What went beyond a limit.", ["what"], registry=REGISTRY)
ERRORS = Counter("vmapdemo_page_errors", "Runs of the page that failed by a mistake of ours.", registry=REGISTRY)
PROGRAMS = Counter("vmapdemo_programs_compiled", "Programs that XLA has compiled in this process.", registry=REGISTRY)
FORGOTTEN = Counter("vmapdemo_programs_forgotten", "How often all compiled programs were dropped.", registry=REGISTRY)
WAITING = Gauge("vmapdemo_measurements_waiting", "Measurements in the queue.", registry=REGISTRY)
RUNNING = Gauge("vmapdemo_measurements_running", "Measurements that are being made.", registry=REGISTRY)


class Watched:
    """Middleware that counts connections and times runs; ``ends_run`` tells the message that ends one."""

    def __init__(self, app: ASGIApp, ends_run: Callable[[bytes], bool]) -> None:
        self._app, self._ends_run = app, ends_run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on as it is."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        asked_s: list[float] = []

        async def received() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                asked_s.append(time.perf_counter())
            return message

        async def sent(message: Message) -> None:
            if asked_s and self._ends_run(message.get("bytes") or b""):
                # Messages that came meanwhile are answered by the same run or the next: the first has waited longest.
                RUNS.observe(time.perf_counter() - asked_s[0])
                asked_s.clear()
            await send(message)

        with SESSIONS.track_inprogress():
            await self._app(scope, received, sent)


@contextmanager
def served(address: Address | None) -> Iterator[None]:
    """Metrics at this address for as long as the block runs; nothing where there is none."""
    if address is None:
        yield
        return
    server, thread = start_http_server(address.port, address.host, REGISTRY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def count_programs() -> None:
    """Count what XLA compiles from now on; once in a process."""
    jax.monitoring.register_event_duration_secs_listener(_count_program)


def _count_program(event: str, duration_secs: float, **_: str | int) -> None:
    if event == COMPILE_EVENT:
        PROGRAMS.inc()

"""The real server while something is measured: visitors leave or lose their connection, it is killed, it is stopped.

Alone on a machine it keeps its promises with room to spare: 2.1 s, 0.05 s and 0.3 s were seen for 3 s, 1 s and 5 s.
"""

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest

from tests.faults.driving import App, Guest, are_gone, come, served, until
from vmapdemo.timing.service.slots import FOLDER_VARIABLE

# A job that nobody touches is given up after 15 s, unless the server knows that its page is connected.
LONGER_THAN_ABANDONED_S = 16.5
# A machine that does other things as well may take so many times as long as is promised.
BUSY = 3
ABANDONED = "Nobody waited for this measurement"


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What makes the servers of this file share their slots, and with nobody else."""
    return {FOLDER_VARIABLE: str(tmp_path_factory.mktemp("slots"))}


@pytest.fixture(scope="module")
def app(slots: dict[str, str]) -> Iterator[App]:
    with served(slots) as app:
        yield app
        assert not [line for line in app.log if "Traceback" in line], "".join(app.log)


async def begin_sweep(guest: Guest) -> None:
    await guest.press("sweep")
    await guest.look_until(lambda: "s left" in guest.progress)


def test_a_sweep_goes_on_though_its_page_is_silent_and_was_gone_for_a_second(app: App) -> None:
    async def story(guest: Guest) -> None:
        await begin_sweep(guest)
        await guest.reconnect()
        await asyncio.sleep(LONGER_THAN_ABANDONED_S)
        await guest.run(guest.socket, [], [])
        assert ABANDONED not in guest.said("sweep_why_ended")
        assert guest.self_drawing or "sweep_chart" in guest.seen

    come(Guest(app, story))


def test_the_queue_is_free_three_seconds_after_a_tab_was_closed(app: App) -> None:
    left_s, free_s, begun, waits = 0.0, 0.0, asyncio.Event(), asyncio.Event()

    async def leave(guest: Guest) -> None:
        nonlocal left_s
        await begin_sweep(guest)
        begun.set()
        await waits.wait()
        left_s = time.monotonic()

    async def follow(guest: Guest) -> None:
        nonlocal free_s
        await begun.wait()
        await guest.press("sweep")
        await guest.look_until(lambda: "Waiting for 1 measurement" in guest.progress)
        waits.set()
        await guest.look_until(lambda: not guest.progress.startswith("Waiting"))
        free_s = time.monotonic()

    come(Guest(app, leave), Guest(app, follow))
    assert 1 < free_s - left_s < 3 * BUSY


def test_a_killed_server_leaves_no_process_and_its_slot_to_the_next(app: App, slots: dict[str, str]) -> None:
    with served(slots) as killed:

        async def lose(guest: Guest) -> None:
            await begin_sweep(guest)
            begun.set()
            await waits.wait()
            pids = killed.measuring_pids()
            assert pids
            killed.process.send_signal(signal.SIGKILL)
            assert await asyncio.to_thread(until, lambda: are_gone(pids)) < 1 * BUSY

        async def follow(guest: Guest) -> None:
            await begun.wait()
            await guest.press("measure")
            await guest.look_until(lambda: "on another process of this server" in guest.progress)
            waits.set()
            await guest.look_until(lambda: False)
            assert "headline" in guest.seen

        begun, waits = asyncio.Event(), asyncio.Event()
        come(Guest(killed, lose), Guest(app, follow))


def test_a_server_that_is_asked_to_stop_while_it_measures_is_gone_within_five_seconds(slots: dict[str, str]) -> None:
    async def story(guest: Guest) -> None:
        await begin_sweep(guest)
        pids = stopped.measuring_pids()
        assert pids
        stopped.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(until, lambda: stopped.process.poll() is not None) < 5 * BUSY
        assert are_gone(pids)

    with served(slots) as stopped:
        come(Guest(stopped, story))
    # Ended by the signal that asked it to, as service managers expect.
    assert stopped.process.returncode == -signal.SIGTERM
    assert not [line for line in stopped.log if "Traceback" in line], "".join(stopped.log)

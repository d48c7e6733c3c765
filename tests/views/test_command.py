"""The command ``vmapdemo`` as somebody has it who installed the package: no repository around it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from vmapdemo.views import command, server

ROOT = Path(__file__).parent.parent.parent
SETTINGS = ROOT / "vmapdemo" / "views" / ".streamlit" / "config.toml"
WITHOUT_PLOTLY = "import sys; sys.modules['plotly'] = None; from vmapdemo.views.command import main; sys.exit(main())"
WORKER_ANSWERS = """
from vmapdemo.timing.service.process import WorkerProcess
import vmapdemo
worker = WorkerProcess()
print(vmapdemo.__file__, worker.receive(30)["kind"])
worker.close()
"""

PAGES = """
from vmapdemo.room import texts
from vmapdemo.room.pages import Pages
print(*Pages(texts.read()).files)
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """The package in a folder of its own, an empty folder to start from, and the environment that finds the first."""

    folder: Path
    elsewhere: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.folder)}

    def python(self, code: str) -> "subprocess.CompletedProcess[str]":
        done = [sys.executable, "-c", code]
        return subprocess.run(
            done, cwd=self.elsewhere, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built from a copy of what the build reads: nothing of an earlier build, and no app.py, can help."""
    source, wheels, folder = (tmp_path_factory.mktemp(name) for name in ("source", "wheels", "installed"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "vmapdemo", source / "vmapdemo", ignore=shutil.ignore_patterns("__pycache__"))
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(source))
    _pip("install", "--no-deps", "--no-index", "--target", str(folder), *map(str, wheels.glob("*.whl")))
    return Installed(folder, tmp_path_factory.mktemp("elsewhere"))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def port(installed: Installed) -> Iterator[int]:
    """The port of the command, started from elsewhere, once it says that it is healthy."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    log = installed.elsewhere / "log.txt"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [str(installed.folder / "bin" / "vmapdemo"), "--server.port", str(free)],
            cwd=installed.elsewhere,
            env=installed.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_healthy(free, process, log)
            yield free
        finally:
            process.terminate()


def _wait_until_healthy(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The command did not become healthy:\n{log.read_text(encoding='utf-8')}", pytrace=False)


def test_the_installed_command_serves_the_page_with_its_settings(port: int) -> None:
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    messages = list(_first_visit(port))
    theme = next(m.new_session.custom_theme for m in messages if m.WhichOneof("type") == "new_session")
    assert theme.light.primary_color == settings["theme"]["light"]["primaryColor"]
    assert theme.dark.background_color == settings["theme"]["dark"]["backgroundColor"]
    elements = [m.delta.new_element for m in messages if m.WhichOneof("type") == "delta"]
    assert [element.exception.message for element in elements if element.WhichOneof("type") == "exception"] == []
    assert len(elements) > 10


def _first_visit(port: int) -> Iterator[ForwardMsg]:
    """What a browser that comes to the bare address is sent, until the script has finished."""
    address = f"127.0.0.1:{port}/_stcore/stream"
    with connect(
        f"ws://{address}", subprotocols=["streamlit"], origin=f"http://127.0.0.1:{port}", max_size=None
    ) as page:
        request = BackMsg()
        request.rerun_script.query_string = ""
        page.send(request.SerializeToString())
        kind = None
        while kind != "script_finished":
            message = ForwardMsg.FromString(page.recv(timeout=60, decode=False))
            kind = message.WhichOneof("type")
            yield message


def test_the_installed_package_measures_in_a_worker_of_its_own(installed: Installed) -> None:
    done = installed.python(WORKER_ANSWERS)
    assert done.stdout.split() == [str(installed.folder / "vmapdemo" / "__init__.py"), "ready"], done.stderr


def test_the_installed_package_has_the_pages_of_a_room(installed: Installed) -> None:
    done = installed.python(PAGES)
    assert done.returncode == 0, done.stderr
    here = {path.name for path in (ROOT / "vmapdemo" / "room" / "pages").iterdir() if path.suffix in (".js", ".css")}
    assert set(done.stdout.split()) == here


def test_without_the_app_extra_the_command_says_what_to_install(installed: Installed) -> None:
    done = installed.python(WITHOUT_PLOTLY)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == command.MISSING.format("plotly", "is") + "\n"


def test_the_settings_and_the_app_are_written_once() -> None:
    linked = ROOT / ".streamlit" / "config.toml"
    assert linked.resolve() == SETTINGS
    assert linked.samefile(SETTINGS)
    for entry in (ROOT / "app.py", command.ENTRY):
        assert entry.read_text(encoding="utf-8").splitlines()[-1] == "app = st.App(**server.APP)"
    assert server.APP["script_path"].exists()

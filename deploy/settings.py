"""What one machine runs: how many replicas of the app, where they listen, and what nginx lets through to them."""

import json
import re
import socket
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

FOLDER = Path("deploy-run")
"""Where configuration, logs, caches, sockets and process ids are, unless said otherwise."""
METRICS_ABOVE = 1000
"""How far above its own port a replica's private metrics are."""
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
"""With which the codes of rooms begin, and of which they are: one for each replica (vmapdemo/room/codes.py)."""
_SAVED = "settings.json"
_BACKEND = re.compile(r"(?P<host>[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


class Replica(NamedTuple):
    """One process of the app, and where it listens. `number`: from 1, what the cookie says."""

    number: int
    address: str
    port: int

    @property
    def name(self) -> str:
        """As the supervisor calls it."""
        return f"app-{self.number}"

    @property
    def listens(self) -> str:
        """Address and port, as nginx writes them."""
        return f"{self.address}:{self.port}"

    @property
    def letter(self) -> str:
        """With which the codes of its rooms begin, so that nginx finds it."""
        return LETTERS[self.number - 1]

    @property
    def metrics(self) -> str:
        """Where its metrics are: on this machine alone."""
        return f"127.0.0.1:{self.port + METRICS_ABOVE}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What nginx lets through from one address: by default a class of 200 who all open the page at once, twice over.

    What comes over an open WebSocket is beyond nginx; the app has limits of its own for that.
    """

    body_kb: int = 1100
    """Of a request; an upload is a file of 1 MB at most, and its envelope."""
    requests_per_s: int = 100
    requests_at_once: int = 4000
    """So many may come on top of the rate before one is refused (429)."""
    visits_per_s: int = 20
    visits_at_once: int = 400
    """WebSockets that are opened, in the same way (429)."""
    connections: int = 2000
    """Requests and WebSockets that are open at the same time (503)."""
    room_requests_per_s: int = 500
    """Of a workshop's rooms, whose 200 people ask about once a second."""
    room_requests_at_once: int = 2000
    """On top of them (429)."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the configuration is made of. ValueError, one sentence, for what cannot be.

    `address`, `port`: where nginx listens; `app_address`, `first_port`: where the first replica does, and the others
    at the ports that follow. `backends`: replicas that run on other machines, as host:port, in place of those here.
    `proxies`: the addresses of what stands before this nginx, whose word for a visitor's address is believed.
    `with_nginx`: False where nginx is on another machine, which `proxies` then names. `rest_s`: for how many seconds
    nginx leaves a replica alone that did not answer. `first_number`: that of the first replica here, among those of all
    machines.
    """

    folder: Path = FOLDER
    address: str = "0.0.0.0"
    port: int = 8080
    processes: int = 2
    app_address: str = "127.0.0.1"
    first_port: int = 8601
    backends: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    with_nginx: bool = True
    rest_s: int = 5
    limits: Limits = field(default_factory=Limits)
    first_number: int = 1

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise ValueError(f"There must be at least 1 process, got {self.processes}.")
        last = max(self.first_number + self.processes - 1, len(self.backends))
        if self.first_number < 1 or last > len(LETTERS):
            raise ValueError(f"Replicas are numbered from 1 to {len(LETTERS)}, got {self.first_number} to {last}.")
        if self.rest_s < 1:
            raise ValueError(f"A replica rests for at least 1 s, got {self.rest_s}.")
        if self.backends and not self.with_nginx:
            raise ValueError("With backends on other machines and no nginx, nothing is left to run.")
        for address in (self.address, self.app_address, *self.proxies):
            IPv4Address(address)
        for port in (self.port, self.first_port, self.first_port + self.processes + METRICS_ABOVE):
            _check_port(port)
        if self.port in range(self.first_port, self.first_port + self.processes):
            raise ValueError(f"Port {self.port} cannot be nginx's and a replica's.")
        for backend in self.backends:
            _check_backend(backend)

    @property
    def replicas(self) -> tuple[Replica, ...]:
        """Those that run on this machine."""
        if self.backends:
            return ()
        places = range(self.processes)
        return tuple(Replica(self.first_number + at, self.app_address, self.first_port + at) for at in places)

    @property
    def upstreams(self) -> tuple[Replica, ...]:
        """Those that nginx hands visitors to. OSError where a backend's name is not known."""
        return self.replicas or tuple(_resolved(number, text) for number, text in enumerate(self.backends, start=1))

    @property
    def trusted(self) -> tuple[str, ...]:
        """Whose X-Forwarded-For the replicas here may believe: their nginx's."""
        return ("127.0.0.1",) if self.with_nginx else self.proxies

    def save(self) -> None:
        """Write it down in its folder, for the commands that come later."""
        text = json.dumps(asdict(self), default=str, indent=2)
        (self.folder / _SAVED).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Settings":
        """What runs in this folder. FileNotFoundError, one sentence, where nothing was ever started in it."""
        if not (folder / _SAVED).exists():
            raise FileNotFoundError(f"Nothing was ever started in {folder}.")
        saved = json.loads((folder / _SAVED).read_text(encoding="utf-8"))
        lists = {name: tuple(saved[name]) for name in ("backends", "proxies")}
        return cls(**{**saved, **lists, "folder": folder, "limits": Limits(**saved["limits"])})


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise ValueError(f"A port is a number from 1 to 65535, got {port}.")


def _check_backend(text: str) -> None:
    found = _BACKEND.fullmatch(text)
    if found is None:
        raise ValueError(f"A backend is written as host:port, got {text!r}.")
    _check_port(int(found["port"]))


def _resolved(number: int, backend: str) -> Replica:
    """Its address is looked up once, as nginx would: nginx tells by the address who has answered."""
    host, _, port = backend.partition(":")
    return Replica(number, socket.gethostbyname(host), int(port))

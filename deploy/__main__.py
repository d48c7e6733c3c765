"""``python -m deploy up`` runs the app behind nginx until it is stopped; ``python -m deploy restart`` renews it."""

import argparse
import os
import socket
import sys
from dataclasses import fields
from pathlib import Path

from deploy import configuration, rolling
from deploy.settings import FOLDER, Limits, Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 and a sentence where it could not be done."""
    parsed = _parser().parse_args(arguments)
    try:
        if parsed.command == "restart":
            rolling.restart(Settings.load(parsed.folder.resolve()))
        else:
            _up(_settings(parsed))
    except (ValueError, OSError, rolling.NotHealthyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _up(settings: Settings) -> None:
    """Become the supervisor: whoever stops this process stops all of them."""
    _check_ports(settings)
    configuration.write(settings)
    where = f"http://{settings.address}:{settings.port}" if settings.with_nginx else settings.replicas[0].listens
    print(f"{len(settings.upstreams)} replicas, at {where}; logs are in {settings.folder}/logs", flush=True)
    if os.geteuid() == 0:
        print("This runs as root, which it does not need: better start it as a user of its own.", file=sys.stderr)
    path = str(settings.folder / configuration.SUPERVISOR)
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "-c", path])


def _check_ports(settings: Settings) -> None:
    """OSError, one sentence, where a port is taken: the supervisor would only try again, and say so in its log."""
    wanted = [(replica.address, replica.port) for replica in settings.replicas]
    if settings.with_nginx:
        wanted.append((settings.address, settings.port))
    for address, port in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                raise OSError(f"Nothing can listen at {address}:{port}: {error.strerror}.") from error


def _settings(parsed: argparse.Namespace) -> Settings:
    limits = Limits(**{limit.name: getattr(parsed, limit.name) for limit in fields(Limits)})
    return Settings(
        parsed.folder.resolve(),
        parsed.address,
        parsed.port,
        parsed.processes,
        parsed.app_address,
        parsed.first_port,
        parsed.backends,
        parsed.proxies,
        not parsed.without_nginx,
        parsed.rest_s,
        limits,
        parsed.first_number,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run the app behind nginx until this command is stopped")
    restart = commands.add_parser("restart", help="renew the replicas that run, one after another")
    for command in (up, restart):
        command.add_argument("--folder", type=Path, default=FOLDER, help="where it runs: logs, sockets, process ids")
    default = Settings()
    up.add_argument("--processes", type=int, default=default.processes, help="replicas of the app on this machine")
    up.add_argument("--address", default=default.address, help="where nginx listens")
    up.add_argument("--port", type=int, default=default.port, help="where nginx listens")
    up.add_argument("--app-address", default=default.app_address, help="where the replicas listen")
    up.add_argument("--first-port", type=int, default=default.first_port, help="of the first replica")
    up.add_argument("--first-number", type=int, default=default.first_number, help="of the first replica, among all")
    up.add_argument("--backends", type=_listed, default=(), help="host:port,... of replicas on other machines")
    up.add_argument("--proxies", type=_listed, default=(), help="addresses of what stands before this, or before nginx")
    up.add_argument("--without-nginx", action="store_true", help="replicas alone: nginx is on another machine")
    up.add_argument("--rest-s", type=int, default=default.rest_s, help="how long nginx passes over a silent replica")
    for limit in fields(Limits):
        value = getattr(default.limits, limit.name)
        up.add_argument(f"--{limit.name.replace('_', '-')}", type=int, default=value, help="a limit for each address")
    return parser


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


if __name__ == "__main__":
    sys.exit(main())

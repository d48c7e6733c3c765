"""What the operator of a server sets, by environment variables: ``docs/hosting.md`` lists them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vmapdemo.room.codes import ALPHABET

LOCAL_PAGES = "'self' http://localhost:* http://127.0.0.1:*"
"""Who may show the page in a frame by default: pages of the same machine, which no stranger can offer."""

_SOURCE = re.compile(r"'self'|'none'|https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:(\d+|\*))?")


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port of this machine."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them. ``metrics``: where metrics are served, nowhere by default.

    ``behind_proxy``: whether a proxy is configured, so that its word about the visitor's address is believed. Which
    proxies those are is the setting of uvicorn, FORWARDED_ALLOW_IPS. ``room_letter``: what the codes of
    this process's rooms begin with, so that a proxy finds it among others. ``lessons``: a folder of lessons
    to show in place of our own.
    """

    frame_ancestors: str = LOCAL_PAGES
    metrics: Address | None = None
    json_logs: bool = False
    behind_proxy: bool = False
    room_letter: str = ""
    lessons: Path | None = None


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in these environment variables. ValueError, one sentence, for a value that cannot be used."""
    return Settings(
        frame_ancestors=_ancestors(environment.get("VMAPDEMO_FRAME_ANCESTORS", "")),
        metrics=_address(environment.get("VMAPDEMO_METRICS", "")),
        json_logs=_choice("VMAPDEMO_LOGS", environment.get("VMAPDEMO_LOGS", "text"), ("text", "json")) == "json",
        behind_proxy=bool(environment.get("FORWARDED_ALLOW_IPS", "").strip()),
        room_letter=_letter(environment.get("VMAPDEMO_ROOM_LETTER", "")),
        lessons=_folder(environment.get("VMAPDEMO_LESSONS", "")),
    )


def _ancestors(text: str) -> str:
    sources = text.split()
    for source in sources:
        if not _SOURCE.fullmatch(source):
            raise ValueError(
                f"VMAPDEMO_FRAME_ANCESTORS lists origins such as https://courses.example.org, not {source!r}."
            )
    return " ".join(sources) or LOCAL_PAGES


def _address(text: str) -> Address | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 2**16):
        raise ValueError(f"VMAPDEMO_METRICS is a host and a port such as 127.0.0.1:9100, not {text!r}.")
    return Address(host.strip("[]"), int(port))


def _letter(text: str) -> str:
    if text and (len(text) != 1 or text not in ALPHABET):
        raise ValueError(f"VMAPDEMO_ROOM_LETTER is one of {ALPHABET}, not {text!r}.")
    return text


def _folder(text: str) -> Path | None:
    if not text:
        return None
    if not Path(text).is_dir():
        raise ValueError(f"VMAPDEMO_LESSONS is a folder of lessons, and there is none at {text!r}.")
    return Path(text)


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"{name} is {' or '.join(choices)}, not {text!r}.")
    return text

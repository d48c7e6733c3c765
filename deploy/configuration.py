"""Settings -> the folder that nginx and the supervisor run in, with their configuration."""

import os
import pwd
import shutil
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.settings import LETTERS, Settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NGINX = "nginx.conf"
SUPERVISOR = "supervisord.conf"
NO_NGINX = "There is no nginx on the PATH or in /usr/sbin. Debian's package is `nginx-light`."

_templates = Environment(
    loader=FileSystemLoader(HERE), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)


def write(settings: Settings) -> None:
    """Make the folder and write all that is read from it. FileNotFoundError, one sentence, where nginx is missing."""
    for name in ("logs", "temp", "cache"):
        (settings.folder / name).mkdir(parents=True, exist_ok=True)
    texts = {SUPERVISOR: supervisor_text(settings)}
    if settings.with_nginx:
        texts[NGINX] = nginx_text(settings)
    for name, text in texts.items():
        (settings.folder / name).write_text(text, encoding="utf-8")
    settings.save()


def nginx_text(settings: Settings) -> str:
    """nginx's configuration."""
    return _templates.get_template(f"{NGINX}.jinja").render(
        folder=settings.folder,
        address=settings.address,
        port=settings.port,
        replicas=settings.upstreams,
        proxies=settings.proxies,
        rest_s=settings.rest_s,
        limits=settings.limits,
        letters=LETTERS,
        superuser=_superuser(),
    )


def supervisor_text(settings: Settings) -> str:
    """The supervisor's configuration. In it a `%` stands for a variable, so that one in a path is doubled."""
    paths = {"folder": settings.folder, "root": ROOT, "python": Path(sys.executable)}
    return _templates.get_template(f"{SUPERVISOR}.jinja").render(
        replicas=settings.replicas,
        trusted=settings.trusted,
        with_nginx=settings.with_nginx,
        nginx=_nginx() if settings.with_nginx else "",
        **{name: str(path).replace("%", "%%") for name, path in paths.items()},
    )


def _nginx() -> str:
    # Debian's is where the PATH of an ordinary user does not lead.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(NO_NGINX)
    return found


def _superuser() -> str:
    """Root's name if it is root who runs this: nginx would change to a user who cannot read the folder."""
    return pwd.getpwuid(0).pw_name if os.geteuid() == 0 else ""

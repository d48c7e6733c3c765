"""A page of another site that holds one of ours in a frame."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def framed(address: str, folder: Path) -> Iterator[str]:
    """The address of such a page, served by a server of its own: a browser takes 127.0.0.1 for another site."""
    page = f"""<!doctype html><title>A course</title><link rel="icon" href="data:,"><h1>Lesson 1</h1>
    <iframe src="{escape(address)}" width="1200" height="900"></iframe>"""
    (folder / "index.html").write_text(page, encoding="utf-8")
    handler = lambda *args: _Quiet(*args, directory=str(folder))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as courses:
        thread = threading.Thread(target=courses.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{courses.server_port}/"
        finally:
            courses.shutdown()
            thread.join()

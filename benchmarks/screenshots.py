"""Writes the README's pictures from the real page: ``make screenshots``."""

import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from benchmarks.server import ROOT, serve

FOLDER = ROOT / "benchmarks" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHOTS: tuple[tuple[str, Literal["light", "dark"], str], ...] = (
    ("explore", "light", "preset=distinct-rows"),
    ("mismatch", "dark", "preset=mismatch"),
    ("trace", "light", "preset=cond&view=trace"),
    ("gallery", "light", "view=gallery"),
    ("learn", "light", "view=learn&lesson=in-step&answers=in-step.b"),
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """A result that is asked what it is made of; the mismatch in the dark; a condition; the gallery; a wrong answer."""
    FOLDER.mkdir(exist_ok=True)
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with serve("app.py") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name, scheme, query in SHOTS:
            context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
            _shoot(context.new_page(), f"{url}/?{query}", FOLDER / f"{name}.png")
        browser.close()


def _shoot(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_selector("td[data-array], tr[data-operation]")
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    asked = page.locator('td[data-array=result][data-index="1,2"], tr[data-operation]:has-text("select_n")').first
    if asked.count():
        asked.hover()
    page.wait_for_timeout(500)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()

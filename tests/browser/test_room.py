"""A session in real browsers: a leader, a projector and four people, each with cookies of their own."""

import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from benchmarks.server import ROOT, free_port, wait_until_healthy
from tests.browser.framing import framed
from tests.room.course import IN_STEP, WHICH_AXIS
from vmapdemo.room import texts

pytestmark = pytest.mark.browser

SAID = texts.read()
RIGHT = WHICH_AXIS.question.right.letter
Scheme = Literal["light", "dark"]
TARGETS = """least => [...document.querySelectorAll("button, a.button, label, summary, input:not([type=radio])")]
    .filter((node) => node.checkVisibility())
    .map((node) => [node.getBoundingClientRect(), node])
    .filter(([box]) => box.height < least - 0.5)
    .map(([box, node]) => `${box.height}: ${node.outerHTML.slice(0, 120)}`)"""


class Workshop:
    """The app with rooms on two lessons, which can be stopped and started again at the same port."""

    def __init__(self, log: Path) -> None:
        self._port, self._log = free_port(), log
        self.url = f"http://localhost:{self._port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "benchmarks/workshop.py", "--server.port", str(self._port)]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        wait_until_healthy(f"{self.url}/readyz")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    started = Workshop(tmp_path_factory.mktemp("workshop") / "log.txt")
    yield started
    started.stop()


@dataclass(frozen=True, slots=True)
class Hall:
    """The browsers of a session, and what their pages said that is an error."""

    desk: Page
    screen: Page
    people: tuple[Page, ...]
    code: str

    @property
    def pages(self) -> tuple[Page, ...]:
        return (self.desk, self.screen, *self.people)

    def next(self, act: str) -> None:
        """Press what the desk offers next, which is this act."""
        button = self.desk.locator("#next")
        expect(button).to_have_text(SAID["desk"]["acts"][act])
        button.click()
        expect(button).not_to_have_text(SAID["desk"]["acts"][act])

    def do(self, act: str) -> None:
        """Press another act of the desk."""
        self.desk.locator(f'[data-act="{act}"]').click()

    def expect_phase(self, phase: str) -> None:
        """Everybody is there."""
        for page in self.people:
            expect(page.locator("#phase h1")).to_have_text(SAID["participant"]["phases"][phase][0])
        expect(self.screen.locator("#phase h1")).to_have_text(SAID["screen"]["phases"][phase][0])


Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: BrowserContext) -> Iterator[Enter]:
    """Opens a page in a browser of its own; at the end none has had an error in a script."""
    browser: Browser | None = chromium.browser
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(url: str, scheme: Scheme = "light", width: int = 400, height: int = 800) -> Page:
        assert browser is not None
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def hall(workshop: Workshop, enter: Enter) -> Hall:
    return gathered(workshop, enter)


def gathered(workshop: Workshop, enter: Enter, people: int = 4, scheme: Scheme = "light") -> Hall:
    """A room with its leader, its screen and so many people."""
    desk = enter(f"{workshop.url}/room/desk", scheme, 1280)
    desk.get_by_role("button", name=SAID["desk"]["open"]).click()
    expect(desk.locator("#next")).to_be_visible()
    code = desk.url.partition("#")[2].partition(".")[0]
    screen = enter(f"{workshop.url}/room/{code}/screen", scheme, 1280, 720)
    came = []
    for number in range(people):
        page = enter(f"{workshop.url}/room", scheme)
        page.get_by_label(SAID["join"]["label"]).fill(code.lower() if number % 2 else f" {code}")
        page.get_by_role("button", name=SAID["join"]["go"]).click()
        came.append(page)
    found = Hall(desk, screen, tuple(came), code)
    found.expect_phase("lobby")
    return found


def choose(page: Page, letter: str) -> None:
    """Tap an answer, and see that it is recorded."""
    answer(page, letter).check()
    expect_recorded(page, letter)


def expect_recorded(page: Page, letter: str) -> None:
    expect(page.locator("#recorded")).to_have_text(SAID["participant"]["recorded"].format(letter=letter))


def answer(page: Page, letter: str) -> Locator:
    return page.locator(f'input[value="{letter}"]')


def say(text: str, **values: object) -> str:
    return text.format(**values)


def test_join_vote_talk_vote_reveal_and_somebody_who_comes_late(hall: Hall, workshop: Workshop, enter: Enter) -> None:
    hall.next("vote1")
    hall.expect_phase("vote1")
    for page, letter in zip(hall.people, (RIGHT, RIGHT, "B", "C"), strict=True):
        choose(page, letter)
    choose(hall.people[3], "D")
    answered = SAID["screen"]["answered"]
    expect(hall.screen.locator("#answered")).to_have_text(say(answered, answered=4, present=4))
    expect(hall.desk.locator("#votes tr.right .number")).to_have_text("2")
    expect(hall.screen.locator("table .number")).to_have_count(0)
    hall.next("closed")
    hall.expect_phase("closed")
    expect(answer(hall.people[0], RIGHT)).to_be_disabled()
    expect(hall.desk.locator("#advice")).to_contain_text(SAID["desk"]["advice"]["talk"])
    hall.next("talk")
    hall.expect_phase("talk")
    expect(hall.people[2].locator("#recorded")).to_have_text(say(SAID["participant"]["yours"], letter="B"))
    late = enter(f"{workshop.url}/room/{hall.code}")
    expect(late.locator("#phase h1")).to_have_text(SAID["participant"]["phases"]["talk"][0])
    hall.next("vote2")
    hall.expect_phase("vote2")
    expect(hall.people[0].locator("#recorded")).to_have_text("")
    for page in (*hall.people, late):
        choose(page, RIGHT)
    hall.people[0].reload()
    expect_recorded(hall.people[0], RIGHT)
    expect(answer(hall.people[0], RIGHT)).to_be_checked()
    hall.next("close-bars")
    hall.expect_phase("bars")
    expect(hall.screen.locator("tbody tr").first.locator(".number")).to_have_text(["2", "5"])
    expect(hall.screen.locator("tr.right")).to_have_count(0)
    hall.next("answer")
    hall.expect_phase("answer")
    expect(hall.screen.locator("tr.right th")).to_have_text(RIGHT)
    expect(hall.people[2].locator("#recorded")).to_contain_text(SAID["participant"]["you-right"])
    expect(hall.desk.locator(".moves .number")).to_have_text(["2", "2", "0", "0"])
    hall.next("twin")
    expect(hall.people[1].locator("#question h2")).to_be_focused()
    hall.next("twin-answer")
    hall.next("try")
    hall.people[1].get_by_role("button", name=SAID["participant"]["stuck"]).click()
    expect(hall.desk.locator("#votes")).to_contain_text(say(SAID["desk"]["stuck"], stuck=1))
    hall.next("next-lesson")
    hall.expect_phase("vote1")
    expect(hall.people[1].locator("#question pre").last).to_have_text(IN_STEP.question.code)


def test_a_session_goes_on_after_the_server_was_started_anew(hall: Hall, workshop: Workshop) -> None:
    hall.next("vote1")
    choose(hall.people[0], "B")
    choose(hall.people[1], "C")
    expect(hall.desk.locator("#attendance")).to_have_text(say(SAID["desk"]["answered"], answered=2, present=4))
    workshop.stop()
    expect(hall.people[0].locator("#trouble")).to_have_text(SAID["participant"]["no-answer"])
    answer(hall.people[2], "D").check()
    expect(hall.people[2].locator("#recorded")).to_have_text(say(SAID["participant"]["sending"], letter="D"))
    workshop.start()
    for page, letter in zip(hall.people, "BCD", strict=False):
        expect_recorded(page, letter)
        expect(page.locator("#trouble")).to_be_hidden()
    expect(hall.desk.locator("#attendance")).to_have_text(say(SAID["desk"]["answered"], answered=3, present=4))
    cut_off = hall.people[3]
    cut_off.context.set_offline(True)
    answer(cut_off, "A").check()
    expect(cut_off.locator("#trouble")).to_have_text(SAID["participant"]["offline"])
    hall.next("closed")
    cut_off.context.set_offline(False)
    hall.expect_phase("closed")
    expect(cut_off.locator("#recorded")).to_have_text(SAID["refused"]["closed"])
    expect(hall.desk.locator("#votes tbody .number")).to_have_text(["0", "1", "1", "1", "0"])


def test_the_keyboard_leads_and_a_second_desk_is_told(hall: Hall, enter: Enter) -> None:
    second = enter(hall.desk.url, width=1280)
    expect(second.locator("#phase")).to_have_text(SAID["desk"]["phases"]["lobby"])
    # It does not hear of what the first one does.
    second.route("**/desk/state", lambda route: route.fulfill(status=304))
    hall.desk.keyboard.press(" ")
    hall.expect_phase("vote1")
    second.keyboard.press(" ")
    expect(second.locator("#trouble")).to_have_text(SAID["refused"]["not-seen"])
    second.unroute("**/desk/state")
    expect(second.locator("#phase")).to_have_text(SAID["desk"]["phases"]["vote1"])
    hall.desk.keyboard.press("b")
    expect(hall.screen.locator("#blank")).to_be_visible()
    hall.desk.keyboard.press("B")
    expect(hall.screen.locator("#blank")).to_be_hidden()


def test_a_wrong_code_gets_a_sentence_and_a_rehearsal_needs_nobody(workshop: Workshop, enter: Enter) -> None:
    stray = enter(f"{workshop.url}/room/BBBBB")
    expect(stray.locator("#trouble")).to_contain_text("No room BBBBB is open here.")
    alone = gathered(workshop, enter, people=0)
    alone.do("rehearse")
    alone.next("vote1")
    expect(alone.screen.locator("#answered")).to_have_text(say(SAID["screen"]["answered"], answered=40, present=40))
    expect(alone.screen.locator("#rehearsal")).to_be_visible()
    with alone.desk.expect_download() as saved:
        alone.desk.get_by_role("button", name=SAID["desk"]["csv"]).click()
    assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("lesson,question,vote")
    alone.do("stop-rehearsing")
    expect(alone.screen.locator("#rehearsal")).to_be_hidden()
    alone.desk.get_by_role("button", name=SAID["desk"]["end"]).click()
    alone.desk.get_by_role("button", name=SAID["desk"]["yes"]).click()
    expect(alone.screen.locator("#phase h1")).to_have_text(SAID["screen"]["phases"]["over"][0])


def test_in_a_frame_of_another_site_which_keeps_nothing_one_can_vote(
    workshop: Workshop, enter: Enter, tmp_path: Path
) -> None:
    hall = gathered(workshop, enter, people=0)
    # This browser lets such a frame have neither cookies nor storage: there only a reload makes another person.
    with framed(f"{workshop.url}/room/{hall.code}", tmp_path) as course:
        page = enter(course)
        hall.next("vote1")
        frame = page.frame_locator("iframe")
        frame.locator('input[value="B"]').check()
        expect(frame.locator("#recorded")).to_have_text(say(SAID["participant"]["recorded"], letter="B"))
        expect(hall.desk.locator("#attendance")).to_have_text(say(SAID["desk"]["answered"], answered=1, present=1))
        assert page.context.cookies() == []


def test_where_no_cookie_is_taken_a_reload_still_is_the_same_person(workshop: Workshop, enter: Enter) -> None:
    hall = gathered(workshop, enter, people=0)
    hall.next("vote1")
    address = f"{workshop.url}/room/{hall.code}"
    with urllib.request.urlopen(address) as answered:
        body = answered.read()
    page = enter("about:blank")
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(address)
    choose(page, "B")
    page.reload()
    expect_recorded(page, "B")
    expect(hall.desk.locator("#attendance")).to_have_text(say(SAID["desk"]["answered"], answered=1, present=1))
    assert page.context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(workshop: Workshop, enter: Enter, scheme: Scheme) -> None:
    hall = gathered(workshop, enter, people=1, scheme=scheme)
    join = enter(f"{workshop.url}/room?code=hello", scheme)
    check(join)
    check_all(hall)
    hall.do("rehearse")
    for act in ("vote1", "closed", "hint", "vote2", "close-bars", "answer", "twin", "twin-answer", "try"):
        hall.next(act)
        if act in ("vote1", "hint", "answer", "try"):
            hall.expect_phase({"close-bars": "bars"}.get(act, act))
            check_all(hall)


def check_all(hall: Hall) -> None:
    for page in hall.pages:
        check(page)
    seen = hall.screen.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert seen[0] <= seen[1], "nobody scrolls a wall"
    hall.desk.set_viewport_size({"width": 400, "height": 800})
    check(hall.desk)
    hall.desk.set_viewport_size({"width": 1280, "height": 800})
    assert hall.people[0].evaluate(TARGETS, 44) == []


def check(page: Page) -> None:
    """What axe-core calls serious, and whether the page scrolls sideways."""
    found = Axe().run(page).response["violations"]
    serious = [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]

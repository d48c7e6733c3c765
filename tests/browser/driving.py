"""How a test looks at the page and acts on it: by keys, data attributes and roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from playwright.sync_api import FrameLocator, Locator, Page, expect
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

NOTEBOOK = [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]]
"""What the notebook prints for its batch."""

GRID_ROW_PX = 35
Resizing = Literal["add_row", "drop_row", "add_column", "drop_column"]
CAUTION = "Runs, but is it meant?"


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands in the viewport."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge (half a pixel is rounding)."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > 0.5
            and min(self.bottom, other.bottom) - max(self.top, other.top) > 0.5
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's page; ``frame`` where the app stands inside another page."""

    page: Page
    url: str
    frame: FrameLocator | None = None

    def open(self, query: str = "") -> "Visit":
        """Go to the app with this query and wait until it stands still."""
        self.page.goto(f"{self.url}/?{query}" if query else f"{self.url}/")
        return self.settled()

    def settled(self) -> "Visit":
        """Wait until the script has run and nothing is a placeholder any more."""
        expect(self.find('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()
        expect(self.key("preset")).to_be_visible()
        expect(self.find('[data-testid="stSkeleton"]')).to_have_count(0)
        return self

    def find(self, selector: str) -> Locator:
        """Whatever the CSS selector finds, also inside components."""
        return (self.frame or self.page).locator(selector)

    def key(self, key: str) -> Locator:
        """The widget or container of that key; where the page sets its value, the key has a version at its end.

        A chart of another figure is another element to Streamlit, which keeps the old one, hidden, until the run ends.
        """
        return self.find(f':is(.st-key-{key}, [class*="st-key-{key}-v"]):not([data-retained])')

    def deltas(self) -> list[Delta]:
        """All that the server draws on this page from now on, as it comes; asked for before the page is opened."""
        drawn: list[Delta] = []

        def take(frame: str | bytes) -> None:
            message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
            if message.WhichOneof("type") == "delta":
                drawn.append(message.delta)

        self.page.on("websocket", lambda socket: socket.on("framereceived", take))
        return drawn

    def query(self) -> dict[str, str]:
        """The address bar's parameters."""
        return dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))

    # What is seen

    def code(self, text: str) -> Locator:
        """The code panels that hold this text."""
        return self.find('[data-testid="stCode"]').filter(has_text=text)

    def cells(self, name: str) -> Locator:
        """All drawn cells of an array, in the order in which they are drawn."""
        return self.find(f'td[data-array="{name}"]')

    def cell(self, name: str, *index: int) -> Locator:
        """One drawn cell."""
        return self.find(f'td[data-array="{name}"][data-index="{",".join(map(str, index))}"]')

    def expect_array(self, name: str, values: Any) -> None:
        """The drawn array has this shape and these numbers (shown with six digits)."""
        array = np.asarray(values)
        indices = [",".join(map(str, index)) for index in np.ndindex(array.shape)]
        for _ in range(3):
            # The cells may be drawn anew between the two looks.
            expect(self.cells(name)).to_have_text([f"{value:.6g}" for value in array.ravel().tolist()])
            drawn = self.cells(name).evaluate_all("cells => cells.map((cell) => cell.dataset.index)")
            if drawn == indices:
                return
        assert drawn == indices

    def expect_close(self, name: str, values: Any) -> None:
        """The drawn array has this shape and, up to rounding, these numbers."""
        array = np.asarray(values)
        expect(self.cells(name)).to_have_count(array.size)
        drawn = [float(text) for text in self.cells(name).all_inner_texts()]
        np.testing.assert_allclose(np.reshape(drawn, array.shape), array, 1e-4, 1e-5)

    def expect_no_result(self) -> None:
        """The call fails: there is a verdict and no result."""
        expect(self.cells("result")).to_have_count(0)
        expect(self.key("verdict")).to_be_visible()

    def expect_query(self, **parts: str | None) -> None:
        """The address bar comes to hold these parameters; None: it does not name that one."""
        names = ", ".join(parts)
        wanted = {name.replace("__", "."): value for name, value in parts.items()}
        self.page.wait_for_function(
            """wanted => {
                const query = new URLSearchParams(location.search)
                return Object.entries(wanted).every(([name, value]) => query.get(name) === value)
            }""",
            arg=wanted,
        )
        assert {name: self.query().get(name) for name in wanted} == wanted, names

    def lit(self) -> set[str]:
        """The lit cells, as ``x_batch[2,1]``."""
        script = "cells => cells.map((cell) => `${cell.dataset.array}[${cell.dataset.index}]`)"
        return set(self.find("td.lit").evaluate_all(script))

    def expect_lit(self, *cells: str) -> None:
        """Exactly these cells come to be lit."""
        expect(self.find("td.lit")).to_have_count(len(cells))
        assert self.lit() == set(cells)

    def box(self, key: str) -> Box:
        """Where the widget or container of that key stands."""
        return box_of(self.key(key), key)

    # What is done

    def come_to_strategies(self) -> None:
        """Scroll down to the strategies, which run when somebody looks, and wait until they have.

        The heading is drawn anew when they run, perhaps just now: Playwright's own scrolling waits for the old one,
        and for a moment there are two.
        """
        heading = self.find("h3").filter(has_text="Results by strategy")
        expect(heading).not_to_have_count(0)
        heading.evaluate_all("headings => headings.forEach((heading) => heading.scrollIntoView())")
        expect(self.key("strategy")).to_be_visible()
        expect(self.key("strategies")).to_be_visible()

    def focus_on(self, label: str) -> None:
        """Put a strategy in focus."""
        self.come_to_strategies()
        self.switch("strategy", label)

    def type_axes(self, place: Literal["in_axes", "out_axes"], text: str) -> None:
        """Type axes and press Enter."""
        field = self.settled().key(place).get_by_role("textbox")
        field.fill(text)
        field.press("Enter")

    def expect_axes(self, place: Literal["in_axes", "out_axes"], text: str) -> None:
        """The text that stands in the box."""
        expect(self.key(place).get_by_role("textbox")).to_have_value(text)

    def choose(self, key: str, option: str) -> None:
        """Take an option of a selectbox; a list that is drawn anew while it is open closes."""
        self.settled().key(key).get_by_role("button", name="Open").click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def expect_chosen(self, key: str, option: str) -> None:
        """The option that a selectbox shows."""
        expect(self.key(key).get_by_role("combobox")).to_have_value(option)

    def switch(self, key: str, label: str) -> None:
        """Take a segment of a segmented control."""
        self.key(key).get_by_role("radio", name=label, exact=True).click()
        self.expect_switched(key, label)

    def expect_switched(self, key: str, label: str) -> None:
        """The segment that is on."""
        expect(self.key(key).get_by_role("radio", name=label, exact=True)).to_be_checked()

    def tick(self, key: str) -> None:
        """Change a checkbox or a toggle."""
        self.key(key).locator("label").click()

    def press(self, key: str) -> None:
        """Press the button of that key."""
        self.key(key).get_by_role("button").click()

    def tools(self, name: str) -> None:
        """Open the panel with an argument's rows, columns, dtype and pasting."""
        opener = self.key(f"tools_{name}").get_by_role("button")
        if opener.get_attribute("aria-expanded") != "true":
            opener.click()
        expect(self.key(f"use_paste_{name}")).to_be_visible()

    def resize(self, name: str, change: Resizing) -> None:
        """Add or drop a row or a column."""
        self.tools(name)
        self.press(f"{name}_{change}")

    def choose_dtype(self, name: str, dtype: str) -> None:
        """Choose an argument's dtype."""
        self.tools(name)
        self.choose(f"dtype_{name}", dtype)

    def close_tools(self) -> None:
        """Close whichever panel is open."""
        opened = self.find('[class*="st-key-tools_"] button[aria-expanded="true"]')
        if opened.count():
            self.page.keyboard.press("Escape")
            expect(opened).to_have_count(0)

    def edit_cell(self, name: str, row: int, column: int, text: str) -> None:
        """Write into a cell of the editor, as one does from the keyboard."""
        self.close_tools()
        self.select_cell(name, row, column)
        self.page.keyboard.press("Enter")
        field = self.find(".gdg-input")
        expect(field).to_be_visible()
        field.fill(text)
        self.page.keyboard.press("Enter")
        expect(field).to_have_count(0)

    def select_cell(self, name: str, row: int, column: int) -> None:
        """Click the first row's index and walk to the cell; the grid drops keys that come before it is ready."""
        expect(self.grid_cell(name, row, column)).to_be_attached()
        self._click_first_index(name)
        for position in range(column + 1):
            self.page.keyboard.press("ArrowRight")
            expect(self.grid_cell(name, 0, position)).to_have_attribute("aria-selected", "true")
        for position in range(1, row + 1):
            self.page.keyboard.press("ArrowDown")
            expect(self.grid_cell(name, position, column)).to_have_attribute("aria-selected", "true")

    def _click_first_index(self, name: str) -> None:
        """Click until it is selected: coming from another grid, the first click only takes the focus."""
        for _ in range(3):
            self.key(name).locator(".dvn-scroller").click(position={"x": 20, "y": 1.5 * GRID_ROW_PX})
            try:
                expect(self.grid_cell(name, 0, -1)).to_have_attribute("aria-selected", "true", timeout=2000)
            except AssertionError:
                continue
            return
        raise AssertionError(f"The grid of {name} takes no click.")

    def grid_cell(self, name: str, row: int, column: int) -> Locator:
        """A cell of the editor's hidden accessibility table; column -1 is the index."""
        return self.key(name).get_by_test_id(f"glide-cell-{column + 1}-{row}")

    def paste(self, name: str, text: str) -> None:
        """Give an argument its numbers as text."""
        self.tools(name)
        self.key(f"paste_{name}").get_by_role("textbox").fill(text)
        self.press(f"use_paste_{name}")


def box_of(locator: Locator, name: str = "") -> Box:
    """Where a visible thing stands in the viewport."""
    for _ in range(3):
        # It may be drawn anew between the two looks.
        expect(locator, f"{name} is not seen").to_be_visible()
        found = locator.bounding_box()
        if found is not None:
            return Box(name, found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"])
    raise AssertionError(f"{name} is seen and gone again.")


def overlapping(boxes: Sequence[Box]) -> list[tuple[str, str]]:
    """The pairs of boxes that share some area."""
    pairs = [(one, other) for position, one in enumerate(boxes) for other in boxes[position + 1 :]]
    return [(one.name, other.name) for one, other in pairs if one.overlaps(other)]

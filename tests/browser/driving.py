"""How a test looks at the page and acts on it: by keys, data attributes and roles."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from playwright.sync_api import FrameLocator, Locator, Page, TimeoutError, expect
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from vmapdemo.views.state import BURST_S

NOTEBOOK = [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]]
"""What the notebook prints for its batch."""

Resizing = Literal["add a row", "remove a row", "add a column", "remove a column", "add a slice", "remove a slice"]
Place = Literal["in_axes", "out_axes"]
PATIENCE_S = 30.0
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

    def follow(self, query: str) -> "Visit":
        """Come to this query on the page that is open, as by Back and Forward: a third of the time of loading it."""
        self.page.evaluate(
            "query => { history.pushState({}, '', `?${query}`); dispatchEvent(new PopStateEvent('popstate')) }", query
        )
        return self

    def settled(self) -> "Visit":
        """Wait until the script has run and nothing is a placeholder any more."""
        expect(self.find('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()
        expect(self.find(".st-key-verdict, .st-key-gallery .card, .st-key-learn h2").first).to_be_visible()
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
        """The panels of code that hold this text."""
        return self.find("pre").filter(has_text=text)

    @property
    def call(self) -> Locator:
        """The line of the call; its axes are the values of its fields."""
        return self.find("code.call")

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
        """Scroll to the strategies, which run when somebody looks and pauses, and wait until they have."""
        self.key("strategies_list").scroll_into_view_if_needed()
        expect(self.key("strategy")).to_be_visible()

    def focus_on(self, label: str) -> None:
        """Put a strategy in focus."""
        self.come_to_strategies()
        self.switch("strategy", label)

    def type_axes(self, place: Place, text: str) -> None:
        """Type axes into the call and press Enter."""
        field = self.axes_field(place)
        field.fill(text)
        field.press("Enter")

    def axes_field(self, place: Place) -> Locator:
        """The field in the call."""
        return self.key(place).get_by_role("textbox")

    def expect_axes(self, place: Place, text: str) -> None:
        """The text that stands in the call."""
        expect(self.axes_field(place)).to_have_value(text)

    def handle(self, array: str, axis: int | None) -> Locator:
        """The handle of one axis of an array; None: shared, or for the result no batch."""
        return self.find(f'[data-axis-of="{array}"][data-axis="{"none" if axis is None else axis}"]')

    def choose_axis(self, array: str, axis: int | None) -> None:
        """Choose the axis at its handle."""
        self.handle(array, axis).click()

    def expect_axis(self, array: str, axis: int | None, label: str | None = None) -> None:
        """The handle that is on, alone, and what it says."""
        expect(self.handle(array, axis)).to_be_checked()
        self.expect_handles_on(array, 1)
        if label is not None:
            expect(self.handle(array, axis)).to_have_text(label)

    def expect_handles_on(self, array: str, count: int) -> None:
        """How many handles of the array are on: none where the axes say what no handle can."""
        expect(self.find(f'[data-axis-of="{array}"][aria-checked="true"]')).to_have_count(count)

    def choose(self, key: str, option: str) -> None:
        """Search an option in a selectbox and take it; a list that is drawn anew while it is open closes.

        A long list holds only the options that are in sight.
        """
        wanted = self.page.get_by_role("option", name=option, exact=True)
        for _ in range(3):
            box = self.settled().key(key)
            box.get_by_role("button", name="Open").click()
            box.get_by_role("combobox").fill(option)
            try:
                wanted.click(timeout=8000)
            except TimeoutError:
                continue
            return
        raise AssertionError(f"The list of {key} does not show {option!r}.")

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

    def tick_vmap(self) -> None:
        """Batch the call, or call the function once."""
        self.call.get_by_role("checkbox", name="vmap").click()

    def open_menu(self) -> Locator:
        """Open the header's menu."""
        self.page.get_by_role("button", name="Menu").click()
        menu = self.page.get_by_test_id("stPopoverBody")
        expect(menu.get_by_text("Jupyter notebook")).to_be_visible()
        return menu

    def set_type(self, size: Literal["Large", "Normal"]) -> None:
        """Choose the size of the type in the menu, and close it."""
        self.open_menu().get_by_role("button", name=f"{size} type").click()
        self.close_menu()

    def close_menu(self) -> None:
        """Close it as one does from the keyboard."""
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_test_id("stPopoverBody")).to_have_count(0)

    def resize(self, name: str, change: Resizing) -> None:
        """Add or remove a row, a column or a slice at the edge of an argument."""
        self.key(name).get_by_role("button", name=f"{change} of {name}").click()

    def choose_dtype(self, name: str, dtype: str) -> None:
        """Choose an argument's dtype."""
        self.key(name).get_by_role("combobox", name="dtype").select_option(dtype)

    def transpose(self, name: str) -> None:
        """Pass the transpose of an argument, or the argument as it is."""
        self.key(name).get_by_role("button", name=f"pass {name} transposed").click()

    def write_as_text(self, name: str, text: str) -> None:
        """Give an argument its numbers as text."""
        opener = self.key(name).get_by_role("button", name=f"numbers of {name} as text")
        if opener.get_attribute("aria-expanded") != "true":
            opener.click()
        self.key(name).get_by_role("textbox", name=f"numbers of {name}").fill(text)
        self.key(name).get_by_role("button", name="Use these numbers").click()

    def select_cell(self, name: str, *index: int) -> Locator:
        """Click a cell, which comes to have the focus; to click the one that has it would be to edit it."""
        cell = self.cell(name, *index)
        if not cell.evaluate("cell => cell.matches(':focus')"):
            cell.click()
        expect(cell).to_be_focused()
        return cell

    def edit_cell(self, name: str, index: tuple[int, ...], text: str) -> None:
        """Select a cell, type over its number and press Enter."""
        self.select_cell(name, *index)
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.editor).to_have_count(0)

    @property
    def editor(self) -> Locator:
        """The field over the cell in which somebody types."""
        return self.find("input.editor")

    def paste(self, name: str, index: tuple[int, ...], text: str) -> None:
        """Paste at a cell; the page's context needs leave to write to the clipboard."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.select_cell(name, *index)
        self.page.keyboard.press("Control+v")

    def confirmed(self) -> "Visit":
        """Wait until the server has taken all that was asked for at the arrays."""
        expect(self.find(".arrays.waiting")).to_have_count(0)
        return self

    def rest(self) -> None:
        """Let the burst of edits end: the next one is a step of Back of its own."""
        self.confirmed()
        self.page.wait_for_timeout(1000 * BURST_S)

    def comes_to(self, look: Callable[[], bool]) -> bool:
        """Whether a look at the page that Playwright has no words for comes to be true."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not (found := look()) and time.monotonic() < deadline_s:
            self.page.wait_for_timeout(50)
        return found


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

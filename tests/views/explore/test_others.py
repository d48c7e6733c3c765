"""What people with wrong ideas would expect of any call: found when somebody opens the fold."""

from streamlit.testing.v1 import AppTest

from tests.views.driving import ask, data, opened, paste, type_axes
from vmapdemo.lessons.words import words


def _told(page: AppTest) -> dict[str, str]:
    return {one["idea"]: one["text"] for one in data(page, "others")["others"]}


def test_nothing_is_found_before_somebody_asks_and_nothing_after_an_edit() -> None:
    page = opened("preset=total")
    assert data(page, "others")["others"] is None
    page = ask(page, "others", {"kind": "expect"})
    assert _told(page)[words().ideas["handed-over"].label] == "[5, 7, 9]"
    page = type_axes(page, "in_axes", "1")
    assert data(page, "others")["others"] is None
    assert _told(ask(page, "others", {"kind": "expect"}))[words().ideas["handed-over"].label] == "[6, 15]"


def test_a_call_that_is_refused_is_asked_about_as_well() -> None:
    page = ask(opened("preset=mismatch"), "others", {"kind": "expect"})
    told = _told(page)
    assert words().ideas["axes-found"].label in told
    assert words().ideas["larger-blamed"].label not in told


def test_a_call_of_shapes_alone_has_no_such_fold() -> None:
    page = paste(opened("preset=total"), "row", "f32[3,4]")
    assert "others" not in {element.key for element in page.get("bidi_component")}

from tests.views.driving import keys, link_of, opened, ran, texts, view


def test_a_call_that_fails_or_is_not_batched_has_nothing_to_measure() -> None:
    for preset, words in {"mismatch": "The call fails", "two-taps": "The call fails", "single": "called once"}.items():
        page = opened(f"preset={preset}&view=time")
        assert words in texts(page, "nothing_to_measure")
        assert page.button("measure").disabled


def test_the_views_share_one_state() -> None:
    page = opened("preset=axes-1-1")
    before = link_of(page)
    page.button_group("view").set_value("time")
    ran(page)
    assert view(page).page == "time"
    assert "measure" in keys(page)
    assert "in_axes" not in keys(page)
    page.button_group("view").set_value("explore")
    ran(page)
    assert link_of(page) == before


def test_a_preset_chosen_in_the_view_time_stays_in_it() -> None:
    page = opened("view=time&large=1")
    page.selectbox("preset").select("distinct-rows")
    ran(page)
    assert (view(page).page, view(page).preset, view(page).large) == ("time", "distinct-rows", True)

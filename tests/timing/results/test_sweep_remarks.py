from dataclasses import replace

from tests.timing.made_up import timing
from tests.timing.made_up_sweep import batches, lengths
from vmapdemo.timing.results.sweep import Point, Sweep
from vmapdemo.timing.results.sweep_remarks import remarks


def said(sweep: Sweep) -> str:
    return "\n".join(remarks(sweep))


def test_before_the_first_point_nothing_is_said() -> None:
    assert remarks(replace(batches(), points=())) == ()


def test_what_is_confirmed_says_so() -> None:
    assert "Confirmed: at all 15 points the three lowest runs agree within 5 %." in remarks(batches())


def test_what_is_not_confirmed_is_counted() -> None:
    doubtful = Point(64, timing("loop", 1e-1, confirmed=False))
    sweep = replace(batches(), points=(*batches().points, doubtful))
    assert "Confirmed at 15 of 16 points. At the others (open marks) the machine was busy" in said(sweep)


def test_a_busy_size_is_named() -> None:
    sweep = batches()
    slow = tuple(
        replace(point, timing=timing("empty call", 9e-6)) if (point.name, point.size) == ("empty call", 4) else point
        for point in sweep.points
    )
    assert "At batch size 4 even the empty call took longer than elsewhere" in said(replace(sweep, points=slow))


def test_what_was_left_out_is_named_with_its_sizes() -> None:
    assert "Left out, because it would have taken too long: loop at 64." in said(batches())
    assert "Left out" not in said(replace(batches(), skipped=()))


def test_sizes_that_were_never_reached_are_named_once_the_sweep_is_over() -> None:
    sweep = replace(batches(), sizes=(1, 4, 16, 64, 2, 1024))
    assert "The 20 s were over before batch size 2, 1,024." in said(sweep)
    assert "were over" not in said(replace(sweep, complete=False))


def test_the_fastest_is_held_against_the_limit() -> None:
    assert "At batch size 64 jit is fastest: 10.4 µs, 7.79 times as long as copying the arguments" in said(batches())


def test_where_vmap_overtakes_the_loop() -> None:
    vmap = tuple(Point(size, timing("vmap", 3e-3)) for size in (1, 4, 16))
    sweep = replace(batches(), names=("loop", "jit", "typo", "vmap"), points=(*batches().points, *vmap))
    assert "vmap is faster than loop from batch size 4 on; at 16 it is 5.33 times as fast." in said(sweep)


def test_compiling_that_grows_and_compiling_that_does_not_are_told_apart() -> None:
    text = said(lengths())
    assert "Compiling grows with the length, where Python unrolls a loop over it: jit 50 ms at 1, 650 ms at 16." in text
    assert "Compiling does not grow with the length: shifted 30 ms at 1, 30 ms at 64." in text


def test_first_calls_come_with_the_programs_that_they_compiled() -> None:
    assert "First calls at 64: jit 40 ms (1 compiled), shifted 40 ms (1 compiled)." in said(lengths())


def test_the_largest_lie_is_told() -> None:
    points = (*batches().points, Point(4, timing("typo", 1e-4, unwaited_s=1e-5)))
    assert (
        "Without block_until_ready typo at 4 would seem to take 10 µs, but it takes 100 µs, 10 times as long:"
        " a call returns before its result is there."
    ) in said(replace(batches(), points=points))


def test_the_fastest_at_the_largest_size_is_said_first() -> None:
    assert remarks(batches())[0].startswith("At batch size 64 jit is fastest")


def test_under_labels_the_same_is_said_of_the_same_strategies() -> None:
    vmap = tuple(Point(size, timing("vmap", 3e-3)) for size in (1, 4, 16))
    sweep = replace(batches(), names=("loop", "jit", "typo", "vmap"), points=(*batches().points, *vmap))
    labels = {"loop": "Python loop", "jit": "jit of vmap"}
    assert len(remarks(sweep, labels)) == len(remarks(sweep))
    assert "vmap is faster than Python loop from batch size 4 on" in "".join(remarks(sweep, labels))
    assert "At batch size 64 jit of vmap is fastest" in remarks(sweep, labels)[0]

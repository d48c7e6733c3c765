from vmapdemo.timing.results.records import Progress
from vmapdemo.timing.thinned import Thinned


def test_progress_is_thinned_out_but_no_phase_is_lost() -> None:
    told: list[float] = []
    now_s = 0.0
    report = Thinned(lambda progress: told.append(progress.fraction), lambda: now_s)
    for i, phase in enumerate(["cold", "cold", "check", "measure", "measure", "measure"]):
        now_s += 0.04
        report(Progress(phase, None, i / 10, ""))  # type: ignore[arg-type]
    assert told == [0.0, 0.2, 0.3]

"""Seconds and ratios as people read them."""

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def format_seconds(seconds: float) -> str:
    """Three digits and a unit, from ns to s.

    >>> format_seconds(0.0026104), format_seconds(163e-6), format_seconds(0.9996e-3)
    ('2.61 ms', '163 µs', '1 ms')
    """
    if seconds <= 0:
        return "0 s"
    # Rounded before the unit is chosen: 999.6 µs is 1 ms, not "1e+03 µs".
    rounded = float(f"{seconds:.2e}")
    scale, unit = next((pair for pair in _UNITS if rounded >= pair[0]), _UNITS[-1])
    return f"{format_ratio(rounded / scale)} {unit}"


def format_ratio(ratio: float) -> str:
    """Three digits, and no exponent for large numbers.

    >>> format_ratio(161.29), format_ratio(0.9412), format_ratio(12345.6)
    ('161', '0.941', '12,346')
    """
    return f"{ratio:,.0f}" if ratio >= 999.5 else f"{ratio:.3g}"


def format_percent(fraction: float) -> str:
    """A fraction as a percentage with two digits.

    >>> format_percent(0.0123), format_percent(0.38), format_percent(3.0)
    ('1.2 %', '38 %', '300 %')
    """
    percent = 100 * fraction
    return f"{percent:,.0f} %" if percent >= 99.5 else f"{percent:.2g} %"


def format_timeit(mean_s: float, std_s: float, runs: int, loops: int) -> str:
    """The line that IPython's %timeit prints for these figures.

    >>> format_timeit(0.0261, 0.00196, 7, 10)
    '26.1 ms ± 1.96 ms per loop (mean ± std. dev. of 7 runs, 10 loops each)'
    """
    counts = f"{runs:,} run{'s' * (runs != 1)}, {loops:,} loop{'s' * (loops != 1)} each"
    return f"{format_seconds(mean_s)} ± {format_seconds(std_s)} per loop (mean ± std. dev. of {counts})"

"""`python -m vmapdemo.timing`: the notebook's strategies on the notebook's data, as a table with its conditions."""

from vmapdemo import outcome
from vmapdemo.scenario import presets
from vmapdemo.timing.comparison import compare

STRATEGIES = ("loop", "mathy", "vmap", "jit", "shifted")
TIMEIT = "As %timeit prints it (the mean, which grows with whatever else the machine does):"


def main() -> None:
    """Measure in this process, and print."""
    scenario = presets.DEFAULT.scenario
    callables = outcome.callables(scenario)
    found = compare({name: callables[name] for name in STRATEGIES}, *outcome.arrays(scenario))
    print(found)
    print(TIMEIT)
    for name, line in found.timeit_lines().items():
        print(f"{name:8} {line}")


if __name__ == "__main__":
    main()

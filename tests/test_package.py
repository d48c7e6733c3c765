import subprocess
import sys

import vmapdemo

IMPORTS = """
import importlib, pkgutil, sys, vmapdemo
walked = pkgutil.walk_packages(vmapdemo.__path__, "vmapdemo.", onerror=lambda name: None)
names = [module.name for module in walked if not module.name.startswith("vmapdemo.views")]
for name in names:
    importlib.import_module(name)
print(len(names), *sorted(name for name in sys.modules if name.partition(".")[0] == "streamlit"))
"""


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_outside_the_views_imports_streamlit() -> None:
    count, *streamlit = _python(IMPORTS).split()
    assert int(count) > 15
    assert streamlit == []


def test_importing_vmapdemo_brings_neither_streamlit_nor_plotly_nor_pandas() -> None:
    heavy = "{'streamlit', 'plotly', 'pandas'}"
    assert _python(f"import sys, vmapdemo; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_the_exported_names_are_those_of_the_design() -> None:
    assert {
        "Scenario",
        "View",
        "Outcome",
        "Explanation",
        "Fix",
        "Caution",
        "LinkError",
        "evaluate",
        "run",
        "explain",
        "install",
        "uninstall",
        "trace",
        "BatchTrace",
        "Step",
    } <= set(vmapdemo.__all__)
    assert sorted(vmapdemo.__all__) == list(vmapdemo.__all__)
    own = {name for name, value in vars(vmapdemo).items() if not name.startswith("_") and callable(value)}
    assert own == {name for name in vmapdemo.__all__ if callable(getattr(vmapdemo, name))}


def test_no_module_takes_the_name_of_a_verb() -> None:
    assert all(callable(getattr(vmapdemo, name)) for name in vmapdemo.__all__)

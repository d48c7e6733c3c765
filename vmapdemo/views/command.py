"""The command ``vmapdemo``: the app from the installed package alone, with the settings that come with it."""

import sys
from importlib.util import find_spec
from pathlib import Path

ENTRY = Path(__file__).with_name("app.py")
NEEDED = ("streamlit", "pandas", "plotly", "prometheus_client", "segno")
MISSING = "The app needs {}, which {} not installed: pip install 'vmapdemo[app]'"


def main() -> int:
    """``streamlit run`` on the app; what follows the command goes on to it, as in ``vmapdemo --server.port 9000``."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(MISSING.format(", ".join(missing), "is" if len(missing) == 1 else "are"), file=sys.stderr)
        return 1
    from streamlit.web import cli

    cli.main(["run", str(ENTRY), *sys.argv[1:]], prog_name="streamlit")
    return 0

import subprocess
import sys


def test_the_command_prints_the_table_of_the_notebook_with_its_conditions() -> None:
    command = [sys.executable, "-m", "vmapdemo.timing"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = found.stdout.splitlines()
    assert lines[0].split()[:3] == ["strategy", "best", "median"]
    assert lines[0].rstrip().endswith("speed-up")
    assert [line.split()[0] for line in lines[1:6]] == ["loop", "mathy", "vmap", "jit", "shifted"]
    assert lines[6].startswith("int32[4, 5], float32[4, 3]; ")
    assert all("(mean ± std. dev. of" in line for line in lines[-5:])
    # Standard error is no terminal here.
    assert found.stderr == ""

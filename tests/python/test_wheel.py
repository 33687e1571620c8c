import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.wheel
@pytest.mark.timeout(900)
def test_the_wheel_works_alone_in_an_empty_environment_without_node():
    """Half a minute, and the only test that sees what an installed package lacks."""
    done = subprocess.run([sys.executable, ROOT / "tools" / "try_wheel.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

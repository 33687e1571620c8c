"""Runs the tests that need no browser under each supported Python that is found, in .venv-3.x.

An environment costs about a minute once and some ten seconds afterwards. Not part of `make test`: few machines have
them all, and what differs between these versions (syntax, typing) is found by mypy and ruff, which check for 3.10.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def candidates(version: str) -> Iterator[str]:
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from map(str, sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True))


def runs(python: str) -> bool:
    """A pyenv shim is there for versions, too, that it then refuses to start."""
    return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def try_version(version: str) -> str:
    home = next(filter(runs, candidates(version)), None)
    if not home:
        return "not found"
    began = time.monotonic()
    environment = ROOT / f".venv-{version}"
    python = environment / "bin" / "python"
    stamp = environment / ".installed"
    if not stamp.exists() or stamp.stat().st_mtime < (ROOT / "pyproject.toml").stat().st_mtime:
        subprocess.run([home, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", "--upgrade", "pip"], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--no-compile", "--editable", f"{ROOT}[test]"], check=True
        )
        stamp.touch()
    tests = subprocess.run(
        [python, "-m", "pytest", "-q", "-m", "not wheel and not slow", "--ignore=tests/browser"], cwd=ROOT
    )
    return f"{'passed' if tests.returncode == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s"


if __name__ == "__main__":
    asked = sys.argv[1:] or VERSIONS
    results = {version: try_version(version) for version in asked}
    for version, result in results.items():
        print(f"Python {version}: {result}")
    sys.exit(any(result.startswith("FAILED") for result in results.values()))

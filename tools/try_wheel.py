"""Builds dist/*.tar.gz and from it dist/*.whl, and tries the wheel alone in an empty environment.

Node is out of reach from the first step on: the sdist brings the built front end, or the wheel cannot be made.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
BUNDLE = "rundetails/static/index.js"
TRIAL = """
import sys
import mlflow
import rundetails

assert sys.prefix in rundetails.__file__, rundetails.__file__
store = "sqlite:///mlflow.db"
mlflow.set_tracking_uri(store)
with mlflow.start_run(run_name="trial") as run:
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metric("loss", 0.25, step=2)

details = rundetails.RunDetails(run.info.run_id, store=store, refresh=None)
seen = details.get_widget_data()
assert seen["status"] == "Completed", seen
assert seen["metrics"]["loss"]["last"] == 0.25, seen

from rundetails.widget import RunView, front_end
view = RunView(lambda: {}, lambda wish: None)
assert view.get_state()["_esm"] == front_end()
assert "export" in front_end()
print(f"rundetails {rundetails.__version__} on Python {sys.version.split()[0]}: imported, "
      f"a run read, a view made with {len(front_end()):,} characters of front end")
"""


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "PYTHON"))}
    environment.update(
        PATH=str(Path(sys.executable).parent),
        # git went with Node, and MLflow would explain that at length.
        GIT_PYTHON_REFRESH="quiet",
        MLFLOW_DISABLE_TELEMETRY="true",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:3]))} … ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    for line in done.stdout.splitlines():
        if line.startswith("rundetails "):
            print(line)


def build() -> tuple[Path, Path]:
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT)
    return next(DIST.glob("*.tar.gz")), next(DIST.glob("*.whl"))


def look_inside(sdist: Path, wheel: Path) -> None:
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    if f"src/{BUNDLE}" not in inside:
        sys.exit(f"{sdist.name} lacks src/{BUNDLE}: installing from it would need Node.")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for needed in (BUNDLE, "rundetails/py.typed"):
        if needed not in names:
            sys.exit(f"{wheel.name} lacks {needed}.")
    strays = [name for name in names if not name.startswith(("rundetails/", "rundetails-"))]
    if strays:
        sys.exit(f"{wheel.name} holds what is not ours: {strays}")
    for path in (sdist, wheel):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


def try_alone(wheel: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="rundetails-wheel-") as folder:
        empty = Path(folder)
        # Without a pip of its own, and without compiling what is never imported: a third of the time.
        venv.create(empty / "venv", with_pip=False)
        python = empty / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = (sys.executable, "-m", "pip", "--python", python)
        run(*pip, "install", "--quiet", "--no-compile", wheel, cwd=empty)
        run(*pip, "check", cwd=empty)
        # -I: neither this folder nor a PYTHONPATH may lend it anything.
        run(python, "-I", "-c", TRIAL, cwd=empty)


if __name__ == "__main__":
    sdist, wheel = build()
    look_inside(sdist, wheel)
    try_alone(wheel)

"""The user guide's examples run, and the figures of the README have a command."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def blocks(path):
    return re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_example_is_python(path):
    for block in blocks(path):
        compile(block, path.name, "exec", flags=0x2000)  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def test_the_examples_of_sources_run(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    before = mlflow.get_tracking_uri()
    # Not by the variable alone: another test may have set it in this process.
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    try:
        for block in blocks(ROOT / "docs" / "sources.md"):
            exec(compile(block, "sources.md", "exec"), {})
        assert (tmp_path / "mlflow.db").exists()
        assert (tmp_path / "runs" / "a.db").exists()
    finally:
        mlflow.set_tracking_uri(before)


def test_the_five_lines_of_the_readme_run(tmp_path, monkeypatch, capsys):
    import mlflow

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    before = mlflow.get_tracking_uri()
    try:
        (five,) = blocks(ROOT / "README.md")
        exec(compile(five, "README.md", "exec"), {})
        assert "Running" in capsys.readouterr().out
    finally:
        mlflow.end_run()
        mlflow.set_tracking_uri(before)


def test_the_log_that_the_guide_writes_is_seen(tmp_path, monkeypatch):
    import logging

    import mlflow

    from rundetails import RunDetails

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    before, handlers = mlflow.get_tracking_uri(), logging.root.handlers[:]
    level = logging.root.level
    try:
        (block,) = blocks(ROOT / "docs" / "logs.md")
        names = {}
        exec(compile(block, "logs.md", "exec"), names)
        details = RunDetails(names["run"].info.run_id)
        assert details.get_widget_data()["logs"] == ["logs/train.log"]
        assert details.source.read_file(names["run"].info.run_id, "logs/train.log").data == b"INFO:root:epoch 1\n"
        details.close()
    finally:
        logging.root.setLevel(level)
        for handler in logging.root.handlers[:]:
            if handler not in handlers:
                logging.root.removeHandler(handler)
                handler.close()
        for handler in handlers:
            if handler not in logging.root.handlers:
                logging.root.addHandler(handler)
        mlflow.set_tracking_uri(before)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        if path.name == "README.md" and target.endswith(".gif"):
            continue
        assert (path.parent / target).exists(), target


def test_the_five_lines_of_submitting_run(bench, monkeypatch, capsys):
    monkeypatch.chdir(bench.folder)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bench.folder}/mlflow.db")
    five, script, session = blocks(ROOT / "docs" / "submit.md")
    bench.script(script)
    before = mlflow_address()
    try:
        names = {}
        exec(compile(five, "submit.md", "exec"), names)
        assert names["run"].get_metrics()["loss"][:2] == [1.0, 0.5]
        assert "Completed" in capsys.readouterr().out
        exec(compile(session, "submit.md", "exec"), names)
        assert names["run"].get_metrics() == {"loss": 0.3, "layers": {"layer": 1, "mean": 0.1}}
    finally:
        mlflow_address(before)


def mlflow_address(address=None):
    """The tracking URI of this process, after setting it."""
    import mlflow

    if address is not None:
        mlflow.set_tracking_uri(address)
        return address
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(None)
    return before

"""Folders of artifacts on this machine."""

from pathlib import Path

import pytest

from rundetails.errors import ArtifactNotFound
from rundetails.sources.artifacts import ArtifactFolder, Artifacts, is_log, local_folder


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/a/b c", Path("/a/b c")),
        ("file:///a/b%20c", Path("/a/b c")),
        ("file:/a/b", Path("/a/b")),
        ("file://localhost/a", Path("/a")),
        ("file://elsewhere/a", None),
        ("./mlruns/0", Path("mlruns/0")),
        ("s3://bucket/a", None),
        ("mlflow-artifacts:/0/a", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_a_folder_or_elsewhere(address, expected):
    assert local_folder(address) == expected


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path):
    folder = ArtifactFolder(tmp_path / "later")
    assert folder.entries() == []
    assert folder.log_files() == []
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "out.log").write_text("x")
    assert [log.path for log in folder.log_files()] == ["out.log"]


def test_logs_are_text_files_in_any_folder(tmp_path):
    for path in ("a.log", "b/c.TXT", "b/d/e.err", "b/image.png", "model.pkl"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("four")
    logs = ArtifactFolder(tmp_path).log_files()
    assert [log.path for log in logs] == ["a.log", "b/c.TXT", "b/d/e.err"]
    assert all(log.size == 4 and log.modified for log in logs)


def test_a_link_within_the_folder_is_followed(tmp_path):
    (tmp_path / "real.log").write_text("here")
    (tmp_path / "link.log").symlink_to(tmp_path / "real.log")
    assert ArtifactFolder(tmp_path).read("link.log").data == b"here"


def test_a_folder_reached_by_a_link_is_a_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("here")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert ArtifactFolder(tmp_path / "link").read("a.txt").data == b"here"


def test_links_in_circles_lead_nowhere(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert ArtifactFolder(tmp_path).entries() == []
    with pytest.raises(ArtifactNotFound):
        ArtifactFolder(tmp_path).read("a")


def test_a_sister_folder_with_a_like_name_is_outside(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run2").mkdir()
    (tmp_path / "run2" / "a.txt").write_text("not yours")
    (tmp_path / "run" / "out").symlink_to(tmp_path / "run2")
    with pytest.raises(ArtifactNotFound, match="links out"):
        ArtifactFolder(tmp_path / "run").read("out/a.txt")


def test_a_file_is_not_a_folder_nor_a_folder_a_file(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").write_text("x")
    folder = ArtifactFolder(tmp_path)
    with pytest.raises(ArtifactNotFound):
        folder.read("folder")
    with pytest.raises(ArtifactNotFound):
        folder.entries("file.txt")


def test_artifacts_elsewhere_are_none_and_the_error_says_where():
    artifacts = Artifacts("s3://key:secret@bucket/a")
    assert artifacts.entries() == []
    assert artifacts.log_files() == []
    with pytest.raises(ArtifactNotFound, match="download_artifacts") as refused:
        artifacts.read("a.txt")
    assert "secret" not in str(refused.value)


def test_what_a_supervisor_says_of_its_processes_is_a_log_and_a_snapshot_is_none():
    assert is_log("azureml-logs/process_info.json")
    assert not is_log("process_info.json")
    assert not is_log("outputs/metrics.json")
    assert not is_log("snapshot/notes.txt")

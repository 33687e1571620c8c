"""Files of a run as a page asks for them, and archives made while they are read."""

import io
import tracemalloc
import zipfile
from dataclasses import replace
from itertools import count

import pytest

from rundetails import MemorySource
from rundetails.errors import ArtifactNotFound
from rundetails.facts import Run, Status
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.presenter import Presenter
from rundetails.zipping import MISSING, zip_steps


class Page:
    """Takes the place of the widget: what it was told."""

    def __init__(self):
        self.told = []

    def tell(self, message, buffers=None):
        self.told.append((message, [bytes(buffer) for buffer in buffers or ()]))


class Watched:
    """A presenter with a page, on a clock of its own."""

    def __init__(self):
        self.clock = ManualClock()
        self.source = MemorySource(clock=self.clock.time)
        self.script = self.source.add(Run("r", "trial", status=Status.RUNNING, started=self.clock.time()))
        self.monitor = Monitor(self.clock, lambda: 0.5, threaded=False)
        self.presenter = Presenter(self.source, "r", Pace.of((10, 15)), self.monitor)
        self.presenter.watch  # noqa: B018 - begins to read
        self.monitor.run_due()
        self.page = self.presenter.widget = Page()
        self._ids = count(1)

    def ask(self, wish, **more):
        """The answer to a wish, and its buffers."""
        known = next(self._ids)
        self.presenter._wished({"kind": "wish", "id": known, "wish": wish, "view": "v", **more})
        while self.monitor.run_due() == 0:
            pass
        return next(told for told in self.page.told if told[0].get("id") == known)


@pytest.fixture
def watched():
    return Watched()


def archive_of(steps):
    return zipfile.ZipFile(io.BytesIO(b"".join(step.data for step in steps)))


def test_folders_are_listed_one_at_a_time(watched):
    watched.script.write("notes/deep/a.txt", "a").write("b.bin", b"\0" * 7)
    entries = watched.ask("files", path="")[0]["entries"]
    assert entries == [
        {"path": "b.bin", "is_folder": False, "size": 7},
        {"path": "notes", "is_folder": True, "size": None},
    ]
    assert watched.ask("files", path="notes")[0]["entries"][0]["path"] == "notes/deep"
    assert "no folder" in watched.ask("files", path="nowhere")[0]["error"]
    assert "does not understand" in watched.ask("files")[0]["error"]


def test_bytes_of_a_file_come_in_parts(watched):
    watched.script.write("b.bin", b"0123456789" * 200_000)
    answer, (data,) = watched.ask("file", path="b.bin", start=0, length=10**9)
    assert (len(data), answer["size"], answer["start"]) == (1 << 20, 2_000_000, 0)
    answer, (data,) = watched.ask("file", path="b.bin", start=1_999_995, length=100)
    assert data == b"56789"
    assert "no artifact" in watched.ask("file", path="none", start=0, length=1)[0]["error"]
    assert "does not understand" in watched.ask("file", path="b.bin", start="x", length=1)[0]["error"]


def test_what_was_logged_is_told_by_the_tags_and_listed_when_asked(watched):
    watched.script.write("logged/a.table.json", "{}").write("logged/a.table.18-1.json", "{}")
    watched.script.write("images/w+step+3+timestamp+5000+ab-1.png", b"\x89PNG")
    assert watched.ask("logged")[0]["logged"] == []
    watched.script.set_tag("rundetails.logged", "image,table")
    watched.clock.advance(15)
    watched.monitor.run_due()
    image, first, second = watched.ask("logged")[0]["logged"]
    assert (image["kind"], image["name"], image["step"], image["time"], image["size"]) == ("image", "w", 3, 5.0, 4)
    assert [first["part"], second["part"]] == ["", "18-1"]
    (run,) = [told[0]["run"] for told in watched.page.told if "run" in told[0]]
    assert run["logged"] == ["image", "table"]


def test_an_archive_comes_in_parts_and_is_whole(watched):
    watched.script.write("notes/a.txt", "a" * 3_000_000).write("notes/b.png", b"\x89PNG").write("c.txt", "c")
    parts, answer = [], {}
    for start in [0, *[1] * 20]:
        answer, buffers = watched.ask("zip", path="", start=start)
        if answer.get("is_done"):
            break
        parts += buffers
        last = answer["progress"]
    assert last == [3, 3, 3_000_005, 3_000_005]
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert archive.testzip() is None
        assert archive.read("notes/a.txt") == b"a" * 3_000_000
        assert set(archive.namelist()) == {"notes/a.txt", "notes/b.png", "c.txt"}
        assert archive.getinfo("notes/b.png").compress_type == zipfile.ZIP_STORED
    assert "does not understand" in watched.ask("zip", path="", start=1)[0]["error"]


def test_an_archive_that_is_too_large_says_how_to_get_it(watched, monkeypatch):
    monkeypatch.setattr("rundetails.file_wishes.ARCHIVE", 10)
    watched.script.write("a.txt", "a" * 11)
    assert "error" not in watched.ask("zip", path="", start=0)[0], "first the files are listed"
    assert "download_all()" in watched.ask("zip", path="", start=1)[0]["error"]
    assert "does not understand" in watched.ask("zip", path="", start=1)[0]["error"]


def test_an_archive_is_given_up_when_nobody_goes_on(watched):
    watched.script.write("a.txt", "a" * 5_000_000)
    watched.ask("zip", path="", start=0)
    wishes = watched.presenter._files
    assert list(wishes._archives) == ["v"]
    watched.ask("zip", path="", start=-1)
    assert not wishes._archives
    watched.ask("zip", path="", start=0)
    watched.presenter._wished({"kind": "wish", "id": 99, "wish": "leave", "view": "v"})
    watched.monitor.run_due()
    assert not wishes._archives
    watched.ask("zip", path="", start=0)
    watched.clock.advance(300)
    watched.monitor.run_due()
    assert not wishes._archives
    assert "does not understand" in watched.ask("zip", path="", start=1)[0]["error"]


def test_a_folder_is_an_archive_of_its_own():
    source = MemorySource()
    source.add(Run("r")).write("out/deep/a.txt", "a").write("other.txt", "b")
    with archive_of(zip_steps(source, "r", "out/deep")) as archive:
        assert archive.namelist() == ["deep/a.txt"]


class Moving(MemorySource):
    """Files that grow, vanish and lie about their names while they are read."""

    def artifacts(self, run_id, folder=""):
        from rundetails.facts import ArtifactEntry

        found = list(super().artifacts(run_id, folder))
        more = [ArtifactEntry(path, False, 3) for path in ("../evil.txt", "gone.txt")]
        return found if folder else [*found, *more]

    def read_file(self, run_id, path, start=0, length=65536):
        if path == "cut.bin" and start:
            raise ArtifactNotFound("It is gone.")
        chunk = super().read_file(run_id, path, start, length)
        if path == "grows.txt":
            self._scripts[run_id].write("grows.txt", "more" * 1_000_000)
        return chunk


def test_files_that_move_meanwhile_do_not_break_an_archive():
    source = Moving()
    source.add(Run("r")).write("grows.txt", "x" * 1_500_000).write("cut.bin", b"y" * 2_000_000).write("z.txt", "z")
    with archive_of(zip_steps(source, "r")) as archive:
        assert archive.testzip() is None
        assert archive.read("grows.txt")[:1_500_000] == b"x" * 1_500_000
        assert archive.getinfo("grows.txt").file_size == 1_500_000
        assert archive.read("z.txt") == b"z"
        missing = archive.read(MISSING).decode()
    assert "cut.bin: only its first 1,048,576 bytes" in missing
    assert "gone.txt" in missing
    assert "../evil.txt: its name leads out" in missing


def test_a_note_about_what_is_missing_takes_no_files_place():
    source = Moving()
    source.add(Run("r")).write(MISSING, "mine")
    with archive_of(zip_steps(source, "r")) as archive:
        assert archive.read(MISSING) == b"mine"
        assert "gone.txt" in archive.read(f"_{MISSING}").decode()


def test_a_file_that_is_cut_meanwhile_is_named():
    class Cut(MemorySource):
        def read_file(self, run_id, path, start=0, length=65536):
            chunk = super().read_file(run_id, path, start, length)
            return replace(chunk, data=b"", size=start) if start else chunk

    source = Cut()
    source.add(Run("r")).write("a.txt", "x" * 3_000_000)
    with archive_of(zip_steps(source, "r")) as archive:
        assert archive.testzip() is None
        assert "a.txt: it was cut" in archive.read(MISSING).decode()


def test_an_archive_that_failed_is_not_told_to_be_complete(watched, monkeypatch):
    def fails(*_, **__):
        yield from ()
        raise ArtifactNotFound("It is gone.")

    monkeypatch.setattr("rundetails.file_wishes.zip_steps", fails)
    watched.script.write("a.txt", "a")
    assert "It is gone" in watched.ask("zip", path="", start=0)[0]["error"]
    answer = watched.ask("zip", path="", start=1)[0]
    assert "is_done" not in answer
    assert "does not understand" in answer["error"]


def test_an_archive_takes_no_more_memory_than_a_part_of_it(tmp_path):
    from rundetails.sources.sqlite import SqliteSource
    from stores import Store

    store = Store(tmp_path / "mlflow.db")
    run = store.create_run()
    with (store.artifact_folder(run) / "large.bin").open("wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    read = 0
    for step in zip_steps(SqliteSource(store.path), run):
        read = step.read
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == 200 << 20
    assert peak < 16 << 20

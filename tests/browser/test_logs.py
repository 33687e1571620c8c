"""The run's logs in the view: followed, searched, folded, bounded, and honest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.logs import numbered, open_logs, text_of
from browser.training import Training
from browser.view import SECOND, twin_says, view

TRACEBACK = """\
Traceback (most recent call last):
  File "train.py", line 42, in <module>
    main()
  File "train.py", line 17, in main
    step(batch)
RuntimeError: CUDA out of memory. Tried to allocate 2.50 GiB
"""


class Logged(Training):
    """A run whose artifact folder is here, to write logs to."""

    def __init__(self, store: Path) -> None:
        from mlflow import MlflowClient

        self.folder = store.with_suffix(".artifacts")
        MlflowClient(f"sqlite:///{store}").create_experiment("logged", artifact_location=self.folder.as_uri())
        super().__init__(store, "trial", "logged")
        self.artifacts = self.folder / self.id / "artifacts"

    def write(self, path: str, data: str | bytes, mode: str = "ab") -> None:
        place = self.artifacts / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open(mode) as file:
            file.write(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def training(server, empty_store, request):
    path = server.folder / f"{request.node.name.replace('[', '-').rstrip(']')}.db"
    shutil.copy(empty_store, path)
    return Logged(path)


def top(page: Page) -> float:
    return text_of(page).evaluate("(element) => element.scrollTop")


SCROLLED = """() => {
  const { scrollHeight, clientHeight, scrollTop } = document.querySelector(".rd-log-scroll");
  return Math.abs(scrollHeight - clientHeight - scrollTop - 1500) < 1;
}"""
"""As far from the end as the wheel was turned: it may take its time."""


def from_end(page: Page) -> float:
    return text_of(page).evaluate("(e) => e.scrollHeight - e.clientHeight - e.scrollTop")


def test_a_growing_log_is_followed_while_a_cell_blocks_the_kernel(notebook, training, busy):
    code, free = busy
    training.write("logs/train.log", numbered(300))
    opened = notebook(training.show(), code)
    opened.run(0)
    page = opened.page
    started = opened.start(1)
    expect(open_logs(page)).to_contain_text("line 000299", timeout=20 * SECOND)
    for update in range(5):
        training.write("logs/train.log", numbered(40, 300 + 40 * update))
        expect(text_of(page)).to_contain_text(f"line {339 + 40 * update:06}", timeout=20 * SECOND)
        assert from_end(page) < 4
    assert opened.is_running(started), "all of this was seen while the cell ran"
    text_of(page).hover()
    page.mouse.wheel(0, -1500)
    follow = page.locator(".rd-follow")
    expect(follow).to_contain_text("Follow ↓")
    page.wait_for_function(SCROLLED)
    before = top(page)
    training.write("logs/train.log", numbered(100, 500))
    expect(follow).to_have_text("Follow ↓, 100 new lines", timeout=20 * SECOND)
    assert top(page) == before, "what is being read stays where it is"
    view(page).focus()
    page.keyboard.press("f")
    expect(text_of(page)).to_contain_text("line 000599")
    expect(follow).to_have_text("Following")
    opened.screen.screenshot("logs-following", ".rundetails")
    free()
    opened.wait(started)
    assert not opened.errors()


def test_progress_bars_colours_and_tracebacks_are_shown_as_meant(notebook, training):
    bars = "".join(f"\r{done:3} %|{'█' * (done // 5):20}| {done}/100" for done in range(101))
    training.write("logs/train.log", "\x1b[1;32mINFO\x1b[0m starting \x1b[36mresnet\x1b[0m\n")
    training.write("logs/train.log", bars + "\n\x1b[33mWARNING\x1b[0m slow loader\nepoch 1 loss 0.4127\n")
    training.write("logs/train.log", TRACEBACK + "\nretrying with a smaller batch\n")
    training.write("logs/std_log.txt", "the script's own output\n")
    training.write("system_logs/lifecycler/lifecycler.log", "container started\n")
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    shown = open_logs(page)
    expect(shown).to_contain_text("the script's own output")
    page.locator(".rd-log-files button").filter(has_text="train.log").click()
    expect(shown).to_contain_text("100/100")
    expect(shown).not_to_contain_text("99/100")
    expect(shown.locator(".rd-ink-2.rd-bold")).to_have_text("INFO")
    expect(shown).to_contain_text("RuntimeError: CUDA out of memory")
    expect(shown).to_contain_text("2 frames")
    expect(shown).not_to_contain_text("step(batch)")
    page.get_by_role("button", name="Show the traceback").click()
    expect(shown).to_contain_text("step(batch)")
    page.get_by_role("button", name="Fold the traceback").click()
    expect(shown).not_to_contain_text("step(batch)")
    view(page).focus()
    page.keyboard.press("/")
    page.keyboard.type("loss")
    expect(shown.locator("mark")).to_have_text("loss")
    page.keyboard.press("Enter")
    expect(page.locator(".rd-log-count")).to_have_text("1 of 1")
    opened.screen.screenshot("logs-light", ".rundetails")
    opened.theme("Dark")
    opened.screen.screenshot("logs-dark", ".rundetails")
    opened.theme("Light")
    page.evaluate("document.querySelector('.rundetails').style.width = '420px'")
    opened.screen.screenshot("logs-narrow", ".rundetails")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert Path(download.value.path()).read_bytes() == (training.artifacts / "logs/train.log").read_bytes()


def test_a_failed_run_opens_on_its_error(notebook, training):
    training.write("logs/train.log", numbered(3_000) + TRACEBACK + numbered(200, 3_000))
    training.log("loss", 1.0, 0.5)
    training.end("FAILED")
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(view(page)).to_have_attribute("data-status", "Failed")
    expect(page.get_by_role("tab", name="Logs")).to_have_attribute("aria-selected", "true", timeout=20 * SECOND)
    expect(page.locator(".rd-log-current")).to_contain_text("RuntimeError: CUDA out of memory", timeout=20 * SECOND)
    expect(page.locator(".rd-log-current")).to_be_in_viewport()
    expect(page.locator(".rd-failure")).to_contain_text("RuntimeError: CUDA out of memory")
    opened.screen.screenshot("logs-failed", ".rundetails")
    # The run was read before its log was.
    twin_says(page, "RuntimeError: CUDA out of memory")
    opened.save()
    saved = "".join("".join(one["data"].get("text/html", "")) for one in opened.saved_outputs(0) if "data" in one)
    assert "RuntimeError: CUDA out of memory" in saved, "the picture that stays says it too"
    assert "line 000001" not in saved, "no log goes into the notebook"
    view(page).get_by_role("tab", name="Metrics").click()
    expect(page.get_by_role("tab", name="Metrics")).to_have_attribute("aria-selected", "true")
    page.locator(".rd-failure").click()
    expect(page.locator(".rd-log-current")).to_be_in_viewport()


def test_a_run_that_fails_while_it_is_watched_shows_why(notebook, training):
    training.write("logs/train.log", numbered(10))
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(view(page)).to_have_attribute("data-status", "Running")
    training.write("logs/train.log", TRACEBACK)
    training.end("FAILED")
    expect(page.locator(".rd-log-current")).to_contain_text("RuntimeError", timeout=20 * SECOND)


def test_hostile_text_stays_text(notebook, training):
    evil = "<img src=x onerror=alert(1)>"
    training.write(
        "logs/" + "a&b.log", f"{evil}\n\x1b]8;;javascript:alert(2)\x07link\x1b]8;;\x07\n\x1b[31m{evil}\x1b[0m\n"
    )
    training.write("logs/train.log", b"\xff\xfe\x00bad \xc3\n" + "\u202eabc\n".encode())
    opened = notebook(training.show())
    seen = []
    opened.page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    opened.run(0)
    page = opened.page
    open_logs(page)
    page.locator(".rd-log-files button").filter(has_text="a&b.log").click()
    expect(text_of(page)).to_contain_text(evil)
    expect(text_of(page)).to_contain_text("link")
    expect(view(page).locator("img, a[href^=javascript]")).to_have_count(0)
    assert not seen


def test_a_hundred_thousand_lines_are_few_rows_in_the_page(notebook, training):
    training.write("logs/train.log", numbered(60_000) + TRACEBACK + numbered(400_000, 60_000))
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    shown = open_logs(page)
    expect(shown).to_contain_text("line 459999", timeout=20 * SECOND)
    assert int(shown.get_attribute("data-lines")) < 20_000, "only the tail was read"
    expect(shown).to_contain_text("above not shown")
    for _ in range(12):
        first = int(shown.get_attribute("data-start"))
        shown.evaluate("(element) => { element.scrollTop = 0 }")
        page.wait_for_function(
            "(first) => Number(document.querySelector('.rd-log-scroll').dataset.start) < first", arg=first
        )
        assert page.locator(".rd-log-row").count() < 100
    assert int(shown.get_attribute("data-lines")) > 100_000
    page.get_by_role("button", name="First error").click()
    expect(page.locator(".rd-log-current")).to_contain_text("Traceback", timeout=20 * SECOND)
    expect(page.locator(".rd-log-current")).to_be_in_viewport()
    page.get_by_label("Search the log").fill("LINE 300000")
    page.get_by_label("Search the log").press("Enter")
    expect(page.locator(".rd-log-current")).to_have_text("line 300000", timeout=20 * SECOND)
    page.get_by_role("button", name="Wrap").click()
    expect(page.locator(".rd-log-current")).to_be_in_viewport()
    assert page.locator(".rd-log-row").count() < 100
    opened.screen.screenshot("logs-found", ".rundetails")


def test_a_file_that_is_rewritten_or_vanishes_says_so(notebook, training):
    training.write("logs/train.log", numbered(50))
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(open_logs(page)).to_contain_text("line 000049", timeout=20 * SECOND)
    training.write("logs/train.log", "a new beginning\n", mode="wb")
    expect(text_of(page)).to_contain_text("a new beginning", timeout=20 * SECOND)
    expect(page.locator(".rd-log-note")).to_contain_text("was rewritten")
    expect(text_of(page)).not_to_contain_text("line 000049")
    (training.artifacts / "logs/train.log").unlink()
    expect(page.locator(".rd-log-note")).to_contain_text("has no artifact", timeout=20 * SECOND)
    expect(view(page)).to_have_attribute("data-health", "live")
    training.write("logs/train.log", "back again\n")
    expect(text_of(page)).to_contain_text("back again", timeout=20 * SECOND)


def test_a_run_without_logs_says_how_to_make_one(notebook, training):
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    view(page).get_by_role("tab", name="Logs").click()
    expect(view(page)).to_contain_text("No log files yet")
    training.write("train.log", "first line\n")
    expect(text_of(page)).to_contain_text("first line", timeout=20 * SECOND)


def test_lines_are_copied_without_their_numbers_and_a_selection_survives_updates(notebook, training):
    training.write("logs/train.log", numbered(5))
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(open_logs(page)).to_contain_text("line 000004", timeout=20 * SECOND)
    text_of(page).evaluate("(element) => getSelection().selectAllChildren(element.querySelector('.rd-log-rows'))")
    assert page.evaluate("getSelection().toString()").split() == numbered(5).split()
    training.write("logs/train.log", numbered(200, 5))
    expect(text_of(page)).to_have_attribute("data-lines", "205", timeout=20 * SECOND)
    assert page.evaluate("getSelection().toString()").split()[:10] == numbered(5).split()
    assert from_end(page) > 1000, "nothing moves under a selection"


def test_nothing_is_read_or_sent_once_another_tab_is_open(notebook, training):
    training.write("logs/train.log", numbered(5))
    training.log("loss", 1.0, 0.5)
    # The page says so on its own, perhaps after the cell has begun.
    opened = notebook(
        training.show(),
        "import time\ndetails._presenter._logs",
        "while details._presenter._logs._desk.is_open: time.sleep(0.02)\ndetails._presenter._logs",
    )
    opened.run(0)
    page = opened.page
    expect(open_logs(page)).to_contain_text("line 000004", timeout=20 * SECOND)
    opened.run(1)
    expect(opened.output(1)).to_contain_text("<LogDesk: 1 open>")
    view(page).get_by_role("tab", name="Metrics").click()
    expect(text_of(page)).to_have_count(0)
    opened.run(2)
    expect(opened.output(2)).to_contain_text("<LogDesk: 0 open>")
    training.write("logs/train.log", numbered(5, 5))
    expect(open_logs(page)).to_contain_text("line 000009", timeout=20 * SECOND)


def test_a_reload_comes_back_to_the_failure(notebook, training):
    training.write("logs/train.log", TRACEBACK)
    training.end("FAILED")
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(page.locator(".rd-log-current")).to_contain_text("RuntimeError", timeout=20 * SECOND)
    opened.save()
    opened.reload()
    expect(page.locator(".rd-log-current")).to_contain_text("RuntimeError", timeout=20 * SECOND)


def test_a_kernel_with_ipykernel_6_follows_what_was_open_before_its_cell(notebook, training, busy, ipykernel_6):
    code, free = busy
    training.write("logs/train.log", numbered(5))
    opened = notebook(training.show(), code, kernel=ipykernel_6)
    opened.run(0)
    page = opened.page
    expect(open_logs(page)).to_contain_text("line 000004", timeout=20 * SECOND)
    started = opened.start(1)
    for update in range(3):
        training.write("logs/train.log", numbered(5, 5 + 5 * update))
        expect(text_of(page)).to_contain_text(f"line {9 + 5 * update:06}", timeout=20 * SECOND)
    assert opened.is_running(started)
    page.get_by_role("button", name="First error").click()
    expect(page.locator(".rd-waiting")).to_be_visible(timeout=20 * SECOND)
    free()
    opened.wait(started)
    expect(page.locator(".rd-log-note")).to_contain_text("no error", timeout=20 * SECOND)

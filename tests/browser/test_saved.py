"""What the saved notebook holds: the twin, current, and nothing secret."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from browser.view import SECOND, chart, follows, twin_says, view


def twin_of(opened, cell: int = 0) -> str:
    """The twin's HTML in the file on disk."""
    opened.save()
    found = [
        "".join(one["data"]["text/html"]) for one in opened.saved_outputs(cell) if "text/html" in one.get("data", {})
    ]
    assert len(found) == 1, opened.saved_outputs(cell)
    return found[0]


def test_the_file_is_right_during_training_after_a_reload_and_at_the_end(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), "details._presenter._twin.due = float('-inf')")
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    follows(opened.page, training, 2)
    # Its turn comes at the next read, whatever that brings; before the last point it would take that one's turn.
    opened.run(1)
    assert "Running" in twin_of(opened)
    twin_says(opened.page, "0.3333")
    assert "0.3333" in twin_of(opened)
    opened.reload()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "4", timeout=20 * SECOND)
    follows(opened.page, training, 1, start=4)
    opened.run(1)
    twin_says(opened.page, "0.25")
    assert "0.25" in twin_of(opened)
    training.log("loss", 0.125, start=5)
    training.end()
    expect(view(opened.page)).to_have_attribute("data-health", "ended", timeout=20 * SECOND)
    twin_says(opened.page, "Completed")
    final = twin_of(opened)
    assert "Completed" in final
    assert "0.125" in final
    assert f"RunDetails(&quot;{training.id}&quot;).show()" in final


def test_the_twin_is_hidden_while_the_view_lives_and_there_when_it_does_not(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), "details.close()")
    opened.run(0)
    twin = opened.page.locator("[class^=rd-twin]")
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    expect(twin).to_be_hidden()
    opened.run(1)
    expect(view(opened.page)).to_have_count(0)
    expect(twin).to_be_visible()


def test_without_a_kernel_the_notebook_shows_the_twin(notebook, training):
    training.log("loss", 1.0, 0.5)
    training.end()
    opened = notebook(training.show())
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-health", "ended", timeout=20 * SECOND)
    twin_says(opened.page, "Completed")
    opened.save()
    opened.shut_down_kernel()
    opened.reload(ready=False)
    twin = opened.page.locator("[class^=rd-twin]")
    expect(twin).to_be_visible(timeout=30 * SECOND)
    expect(twin).to_contain_text("Completed")
    opened.screen.screenshot("without-a-kernel")


def test_the_file_is_small_and_holds_no_secret(notebook, training):
    for index in range(60):
        training.log(f"group/metric_{index}", *range(50))
    training.client.set_tag(training.id, "api_token", "ghp_abcdefghijklmnopqrstuvwxyz123456")
    training.client.log_param(training.id, "url", "https://ada:hunter2@host/data?sig=s3cr3t")
    opened = notebook(training.show())
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-health", "live", timeout=20 * SECOND)
    opened.page.wait_for_function("() => document.querySelector('[class^=rd-twin] table')")
    opened.save()
    text = opened.server.path(opened.name).read_text()
    assert len(text) <= 50_000
    assert not any(secret in text for secret in ("ghp_abc", "hunter2", "s3cr3t"))
    assert json.loads(text)["cells"]

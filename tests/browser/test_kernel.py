"""The kernel busy, restarted, gone; the page reloaded; the cell run again, cleared, closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.view import SECOND, chart, follows, view

SUBSHELLS = "@jupyterlab/apputils-extension:kernels-settings"


@pytest.mark.parametrize("subshells", ["perCommTarget", "disabled"])
def test_a_blocking_cell_below_does_not_stop_the_view(notebook, training, busy, server, subshells):
    code, free = busy
    server.override(SUBSHELLS, commsOverSubshells=subshells)
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show() + "\n" + code, "1")
    started = opened.start(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2", timeout=20 * SECOND)
    follows(opened.page, training)
    assert opened.is_running(started)
    # All that looks different is decided in the page.
    view(opened.page).get_by_role("button", name="Relative").click()
    view(opened.page).get_by_role("group", name="Vertical axis").get_by_role("button", name="Log").click()
    view(opened.page).get_by_role("tab", name="Parameters").click()
    view(opened.page).get_by_role("tab", name="Metrics").click()
    expect(chart(opened.page, "loss").locator("svg").first).to_be_visible()
    assert opened.is_running(started)
    free()
    opened.wait(started)


def test_a_wish_is_heard_while_the_kernel_is_busy(notebook, training, busy):
    code, free = busy
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(refresh=3600) + "\n" + code)
    started = opened.start(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2", timeout=20 * SECOND)
    training.log("loss", 0.3, start=2)
    view(opened.page).get_by_role("button", name="Refresh").click()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "3")
    assert opened.is_running(started)
    free()
    opened.wait(started)


def test_a_wish_that_cannot_be_heard_says_so(notebook, training, busy, server):
    code, free = busy
    server.override(SUBSHELLS, commsOverSubshells="disabled")
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(refresh=3600) + "\n" + code)
    started = opened.start(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2", timeout=20 * SECOND)
    view(opened.page).get_by_role("button", name="Refresh").click()
    expect(view(opened.page)).to_contain_text("waiting for the kernel")
    free()
    opened.wait(started)
    expect(view(opened.page)).not_to_contain_text("waiting for the kernel")


def test_a_view_that_comes_back_into_sight_is_brought_up_to_date_at_once(notebook, training, busy):
    code, free = busy
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(refresh=3600), "print('line\\n' * 200)\n" + code)
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    started = opened.start(1)
    expect(opened.output(1).first).to_contain_text("line")
    opened.screen.reset_meter()
    opened.output(1).first.evaluate("(output) => output.scrollIntoView({block: 'end'})")
    opened.page.wait_for_function("() => window.__meter.read().sent > 0")
    training.log("loss", 0.3, start=2)
    view(opened.page).evaluate("(root) => root.scrollIntoView()")
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "3", timeout=20 * SECOND)
    assert opened.is_running(started)
    free()
    opened.wait(started)


def test_a_restarted_kernel_leaves_the_picture_and_says_what_to_do(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.restart_kernel()
    expect(view(opened.page)).to_have_attribute("data-health", "disconnected", timeout=20 * SECOND)
    expect(view(opened.page)).to_contain_text(f'RunDetails("{training.id}").show()')
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.screen.screenshot("kernel-restarted")
    opened.run(0)
    expect(view(opened.page)).to_have_count(1)
    expect(view(opened.page)).to_have_attribute("data-health", "live")
    follows(opened.page, training, 2)


def test_a_reload_with_an_idle_kernel_shows_everything_again_and_goes_on(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    follows(opened.page, training, 3)
    opened.save()
    opened.reload()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "5", timeout=20 * SECOND)
    follows(opened.page, training, 3, start=5)


def test_a_reload_with_a_busy_kernel_shows_the_twin_until_the_kernel_is_free(notebook, training, busy):
    code, free = busy
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), "print('begun')\n" + code)
    opened.run(0)
    follows(opened.page, training, 2)
    started = opened.start(1)
    expect(opened.output(1)).to_have_text("begun")
    opened.save()
    opened.reload(ready=False)
    twin = opened.page.locator("[class^=rd-twin]")
    expect(twin).to_be_visible(timeout=20 * SECOND)
    expect(twin).to_contain_text("Running")
    expect(twin).to_contain_text(f'RunDetails("{training.id}").show()')
    opened.screen.screenshot("reloaded-while-busy")
    free()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "4", timeout=30 * SECOND)
    expect(twin).to_be_hidden()
    follows(opened.page, training, 2, start=4)
    assert started is not None


def test_running_the_cell_again_leaves_nothing_of_the_view_before(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(
        training.show(),
        "import ipywidgets, threading\n"
        "print(len(ipywidgets.widgets.widget._instances), len(details._presenter.watch.viewers),\n"
        "      sum(t.name == 'rundetails' for t in threading.enumerate()))",
    )
    opened.run(0)
    opened.run(1)
    once = opened.said(1)
    for _ in range(3):
        opened.run(0)
        expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.run(1)
    expect(opened.output(1)).to_have_text(once)
    expect(view(opened.page)).to_have_count(1)
    follows(opened.page, training, 2)


def test_clearing_the_output_slows_reading_down(notebook, training):
    training.log("loss", 1.0, 0.5)
    # The page says so on its own, perhaps after the cell has begun.
    opened = notebook(
        training.show(),
        "import time\ndetails._presenter.is_seen()",
        "while details._presenter.is_seen(): time.sleep(0.02)\n'nobody looks'",
    )
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.run(1)
    expect(opened.output(1)).to_have_text("True")
    opened.page.evaluate("window.__notebook.panel().content.activeCellIndex = 0")
    opened.command("notebook:clear-cell-output")
    expect(view(opened.page)).to_have_count(0)
    opened.run(2)
    expect(opened.output(2)).to_have_text("'nobody looks'")


def test_a_notebook_closed_and_opened_again_is_current(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.close_tab()
    training.log("loss", 0.4, 0.3, 0.2, start=2)
    opened.open_tab()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "5", timeout=20 * SECOND)
    follows(opened.page, training, 2, start=5)

"""The network drops, the kernel is killed, two kernels watch one run."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.sync_api import expect

from browser.notebook import Notebook
from browser.remote import show
from browser.view import SECOND, chart, follows, view
from faults import Fault, Wire
from stores import BEGAN


def test_a_page_that_was_offline_catches_up_by_itself(screen, server, training):
    training.log("loss", 1.0, 0.5)
    server.write_notebook("offline", training.show())
    with Wire(urlsplit(server.address).port) as wire:
        there = replace(server, address=f"http://127.0.0.1:{wire.port}")
        opened = Notebook(screen, there, "offline").show()
        opened.run(0)
        follows(opened.page, training, 3)
        wire.cut()
        training.log("loss", *[0.1] * 20, start=5)
        opened.page.wait_for_function("window.__notebook.kernel().connectionStatus !== 'connected'")
        expect(chart(opened.page, "loss")).to_have_attribute("data-points", "5")
        expect(view(opened.page)).to_have_attribute("data-health", "offline")
        expect(view(opened.page)).to_contain_text("No connection to Jupyter since")
        opened.screen.screenshot("offline")
        wire.mend()
        expect(chart(opened.page, "loss")).to_have_attribute("data-points", "25", timeout=120 * SECOND)
        expect(view(opened.page)).to_have_attribute("data-health", "live")
        follows(opened.page, training, 2, start=25)
    server.reset()


def test_a_killed_kernel_leaves_the_picture_and_says_what_to_do(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), "import os; print(os.getpid())")
    opened.run(0)
    follows(opened.page, training, 2)
    opened.run(1)
    os.kill(int(opened.said(1)), signal.SIGKILL)
    expect(view(opened.page)).to_have_attribute("data-health", "disconnected", timeout=60 * SECOND)
    expect(view(opened.page)).to_contain_text(f'RunDetails("{training.id}").show()')
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "4")
    opened.screen.screenshot("kernel-killed")


def test_two_kernels_watch_one_run(screen, server, training):
    training.log("loss", 1.0, 0.5)
    for name in ("one", "other"):
        server.write_notebook(f"kernels-{name}", training.show())
    one = Notebook(screen, server, "kernels-one").show()
    one.run(0)
    follows(one.page, training, 2)
    one.save()
    # The same tab: the first kernel goes on without a page.
    other = Notebook(screen, server, "kernels-other").show()
    other.run(0)
    expect(chart(other.page, "loss")).to_have_attribute("data-points", "4")
    follows(other.page, training, 3, start=4)
    assert len(server.kernels()) == 2
    other.save()
    again = Notebook(screen, server, "kernels-one").show()
    expect(chart(again.page, "loss")).to_have_attribute("data-points", "7", timeout=30 * SECOND)
    follows(again.page, training, 2, start=7)
    server.reset()


def test_an_expired_token_is_said_in_the_cell_and_healed(notebook, remote):
    store, proxy = remote
    run = store.create_run("far away")
    store.log(run, "loss", [(step, BEGAN + step, 1 / (step + 1)) for step in range(20)])
    opened = notebook(show(proxy, run))
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "20", timeout=60 * SECOND)
    expect(view(opened.page)).to_contain_text("a minute", timeout=60 * SECOND)
    proxy.fault = Fault("unauthorized")
    expect(view(opened.page)).to_have_attribute("data-health", "stale", timeout=60 * SECOND)
    expect(view(opened.page)).to_contain_text("does not accept the credentials (401)")
    expect(view(opened.page)).to_contain_text("MLFLOW_TRACKING_TOKEN")
    opened.screen.screenshot("token-expired")
    store.log(run, "loss", [(step, BEGAN + step, 1 / (step + 1)) for step in range(20, 30)])
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "20", timeout=60 * SECOND)
    proxy.fault = Fault()
    view(opened.page).get_by_role("button", name="Refresh").click()
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "30", timeout=60 * SECOND)
    expect(view(opened.page)).to_have_attribute("data-health", "live", timeout=60 * SECOND)


def test_a_server_that_asks_for_peace_is_counted_down(notebook, remote):
    store, proxy = remote
    run = store.create_run("far away")
    store.log(run, "loss", [(step, BEGAN + step, 1 / (step + 1)) for step in range(20)])
    opened = notebook(show(proxy, run))
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "20", timeout=60 * SECOND)
    proxy.fault = Fault("busy", retry_after="50")
    expect(view(opened.page)).to_contain_text(re.compile(r"retrying in [345]\d s"), timeout=60 * SECOND)
    expect(view(opened.page)).to_contain_text("asks for patience (429)")
    opened.screen.screenshot("too-many-requests")
    asked = len(proxy.requests)
    view(opened.page).get_by_role("button", name="Refresh").click()
    expect(view(opened.page)).to_contain_text(re.compile(r"retrying in [23]\d s"), timeout=60 * SECOND)
    assert len(proxy.requests) == asked

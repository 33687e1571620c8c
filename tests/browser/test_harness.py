"""The harness itself, on a widget of ten lines: what the other browser tests rely on."""

import json

import pytest
from playwright.sync_api import expect

from browser.page import Screen

WIDGET = '''
import anywidget, traitlets
class Count(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      el.className = "count";
      const draw = () => { el.dataset.value = el.textContent = model.get("value"); };
      draw();
      model.on("change:value", draw);
    } };
    """
    value = traitlets.Int(0).tag(sync=True)
count = Count()
count
'''


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_widget_draws_and_moves_while_the_kernel_is_busy(notebook, server, app):
    opened = notebook(
        WIDGET,
        "import pathlib, threading, time\n"
        "def tick():\n"
        "    for _ in range(10):\n"
        "        count.value += 1\n"
        "        time.sleep(0.05)\n"
        "threading.Thread(target=tick).start()\n"
        f"while not pathlib.Path('{app}.stop').exists(): time.sleep(0.05)",
        "1 + 1",
        app=app,
    )
    opened.run(0)
    expect(opened.output(0).locator(".count")).to_have_text("0")
    opened.screen.reset_meter()
    busy = opened.start(1)
    expect(opened.output(0).locator(".count")).to_have_text("10")
    # Not the status: any message on a subshell makes a kernel look idle in the middle of a cell.
    assert opened.is_running(busy)
    (server.folder / f"{app}.stop").touch()
    opened.wait(busy)
    reading = opened.screen.meter()
    assert reading.messages >= 10
    assert reading.bytes > 1000
    assert reading.frames > 0
    opened.run(2)
    expect(opened.output(2)).to_have_text("2")
    assert opened.screen.screenshot(f"harness-{app}", ".count").stat().st_size > 100


def test_saved_outputs_are_those_of_the_file_and_outlive_a_reload(notebook):
    opened = notebook("print('kept')", "kept_too = 7", "kept_too")
    opened.run(0)
    opened.run(1)
    assert opened.saved_outputs(0) == []
    opened.save()
    assert opened.saved_outputs(0)[0]["text"] == "kept\n"
    opened.reload()
    expect(opened.output(0)).to_have_text("kept")
    opened.run(2)
    expect(opened.output(2)).to_have_text("7")


def test_a_restarted_kernel_forgets_and_a_closed_tab_keeps_it(notebook):
    opened = notebook("x = 3", "print(globals().get('x'))")
    opened.run(0)
    opened.close_tab()
    assert len(opened.server.kernels()) == 1
    opened.open_tab()
    opened.run(1)
    expect(opened.output(1)).to_have_text("3")
    opened.restart_kernel()
    opened.run(1)
    expect(opened.output(1)).to_have_text("None")


def test_the_theme_changes_both_ways(notebook):
    opened = notebook("1")
    for name in ("Dark", "Light"):
        opened.theme(name)


def test_settings_are_those_that_the_test_asks_for(notebook, server):
    plugin = "@jupyterlab/apputils-extension:kernels-settings"
    server.override(plugin, commsOverSubshells="disabled")
    notebook("1")
    assert json.loads(server.ask(f"lab/api/settings/{plugin}")["raw"]) == {"commsOverSubshells": "disabled"}


def test_a_kernel_runs_ipykernel_6(notebook, ipykernel_6):
    opened = notebook("import ipykernel; print(ipykernel.__version__)", WIDGET, kernel=ipykernel_6)
    opened.run(0)
    expect(opened.output(0)).to_contain_text("6.")
    opened.run(1)
    expect(opened.output(1).locator(".count")).to_have_text("0")


def test_voila_shows_a_widget_and_calls_nobody(screen, server):
    server.write_notebook("voila", WIDGET)
    screen.page.goto(server.url("voila/render/voila.ipynb"))
    expect(screen.page.locator(".count")).to_have_text("0", timeout=60_000)
    server.reset()


def test_a_call_to_another_host_is_seen(window):
    screen = Screen(window.new_page())
    screen.page.goto("about:blank")
    screen.page.evaluate("fetch('http://rundetails.invalid/', {mode: 'no-cors'}).catch(() => null)")
    with screen.page.expect_event("pageerror"):
        screen.page.evaluate("setTimeout(() => { throw new Error('nobody catches this') })")
    assert screen.calls_outside == ["http://rundetails.invalid/"]
    assert "nobody catches this" in screen.errors[0]
    screen.page.close()

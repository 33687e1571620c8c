"""A page in Chromium that measures itself, remembers its errors and whom it called."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "test-output" / "screenshots"
SIZE = {"width": 1400, "height": 1000}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # For the meter: true heap sizes, and a garbage collection when asked.
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
    # Names of other hosts lead nowhere, so that a call to one fails at once; `calls_outside` still sees it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
METER = r"""
(() => {
  const meter = { bytes: 0, messages: 0, sent: 0, frames: [], tasks: [] };
  window.WebSocket = new Proxy(window.WebSocket, { construct(Target, args) {
    const socket = new Target(...args);
    const send = socket.send.bind(socket);
    socket.send = (data) => { meter.sent++; send(data); };
    socket.addEventListener("message", ({ data }) => {
      meter.bytes += data.byteLength ?? data.size ?? data.length;
      meter.messages++;
    });
    return socket;
  } });
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) meter.tasks.push(entry.duration); })
    .observe({ type: "longtask", buffered: true });
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    meter.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.__meter = {
    reset() { meter.bytes = meter.messages = meter.sent = 0; meter.frames.length = meter.tasks.length = 0; },
    read() {
      const frames = [...meter.frames].sort((a, b) => a - b);
      return {
        bytes: meter.bytes, messages: meter.messages, sent: meter.sent, frames: frames.length,
        longest_frame: frames.at(-1) ?? 0, median_frame: frames[frames.length >> 1] ?? 0,
        long_tasks: meter.tasks.length, long_task_ms: meter.tasks.reduce((sum, one) => sum + one, 0),
      };
    },
    heap() { window.gc?.(); return performance.memory.usedJSHeapSize; },
  };
})();
"""


@dataclass(frozen=True)
class Reading:
    """What happened in the page since the last reset."""

    bytes: int
    """Received over WebSockets, the chatter of Jupyter included."""
    messages: int
    sent: int
    """Messages from the page to the server."""
    frames: int
    longest_frame: float
    """Milliseconds between two frames."""
    median_frame: float
    long_tasks: int
    """Tasks of more than 50 ms, as the browser itself counts them."""
    long_task_ms: float


@dataclass
class Screen:
    """One page and its witnesses."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """Errors that nobody caught in the page."""
    calls_outside: list[str] = field(default_factory=list)
    """Addresses asked for that are not on this machine."""

    def __post_init__(self) -> None:
        self.page.add_init_script(METER)
        self.page.on("pageerror", lambda error: self.errors.append(f"{error.message}\n{error.stack or ''}"[:2000]))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            self.calls_outside.append(url)

    def reset_meter(self) -> None:
        self.page.evaluate("window.__meter.reset()")

    def meter(self) -> Reading:
        return Reading(**self.page.evaluate("window.__meter.read()"))

    def heap(self) -> int:
        """Bytes of JavaScript in use after a garbage collection."""
        return self.page.evaluate("window.__meter.heap()")

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """Kept under test-output/screenshots; of the whole page, or of the first element that the selector finds."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        if selector:
            self.page.locator(selector).first.screenshot(path=path)
        else:
            self.page.screenshot(path=path)
        return path


def launch(playwright: Playwright) -> Browser:
    found = subprocess.run([sys.executable, str(ROOT / "tools" / "find_browser.py")], capture_output=True, text=True)
    if found.returncode:
        raise RuntimeError(found.stderr.strip())
    return playwright.chromium.launch(executable_path=found.stdout.strip(), args=ARGUMENTS)


def context(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(viewport=SIZE, **options)

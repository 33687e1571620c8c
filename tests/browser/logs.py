"""The tab of logs, and lines to write into one."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from browser.view import view


def text_of(page: Page) -> Locator:
    return page.locator(".rd-log-scroll")


def open_logs(page: Page) -> Locator:
    view(page).get_by_role("tab", name="Logs").click()
    return text_of(page)


def numbered(count: int, first: int = 0) -> str:
    return "".join(f"line {first + index:06}\n" for index in range(count))

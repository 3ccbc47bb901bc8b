"""A headless Chromium for tests of pages: opens a file from disk, and notes what a careful page never does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SECONDS = 60
"""For everything that is done with one page."""


@dataclass(kw_only=True)
class Seen(Generic[T]):
    """What became of one visit."""

    value: T
    """What the visitor brought back."""
    problems: list[str] = field(default_factory=list)
    """Console messages, errors, dialogs, and requests to anything but the file."""


class Chromium:
    """The browser, driven from a thread of its own: its driver does not run beside another event loop."""

    def __init__(self, executable: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._driver, self._browser = self._thread.submit(self._launch, executable).result(SECONDS)

    @staticmethod
    def _launch(executable: str) -> tuple[Any, Any]:
        from playwright.sync_api import sync_playwright

        driver = sync_playwright().start()
        # Its own sandbox cannot be had as root; what it opens here is ours.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        return driver, driver.chromium.launch(executable_path=executable, args=flags, timeout=SECONDS * 1000)

    def visit(
        self, file: Path, act: Callable[[Page], T], *, width: int = 1280, scheme: str = "light", **context: Any
    ) -> Seen[T]:
        """Open ``file``, and do ``act`` with the page."""
        return self._thread.submit(self._visit, file, act, width, scheme, context).result(SECONDS)

    def _visit(
        self, file: Path, act: Callable[[Page], T], width: int, scheme: str, context: dict[str, Any]
    ) -> Seen[T]:
        problems: list[str] = []
        opened = self._browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True, **context
        )
        opened.set_default_timeout(10_000)
        try:
            page = opened.new_page()
            address = file.resolve().as_uri()

            def requested(request: Any) -> None:
                if request.url != address and not request.url.startswith("data:"):
                    problems.append(f"request: {request.url}")

            def asked(dialog: Any) -> None:
                problems.append(f"dialog: {dialog.message}")
                dialog.dismiss()

            page.on("console", lambda message: problems.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: problems.append(f"error: {error}"))
            page.on("request", requested)
            page.on("dialog", asked)
            page.goto(address)
            return Seen(value=act(page), problems=problems)
        finally:
            opened.close()

    def close(self) -> None:
        """End the browser and its driver."""
        try:
            self._thread.submit(self._browser.close).result(SECONDS)
            self._thread.submit(self._driver.stop).result(SECONDS)
        finally:
            self._thread.shutdown(wait=False)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """The browser; without one the test is skipped, and with ``CI=true`` it fails."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    missing = None
    if executable is None:
        missing = f"none of {', '.join(NAMES)} is installed"
    else:
        try:
            import playwright.sync_api  # noqa: F401
        except ImportError:
            missing = "playwright is not installed"
    if executable is None or missing is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and here reports must be opened")
        pytest.skip(f"{missing}, so the report is not opened")
    browser = Chromium(executable)
    try:
        yield browser
    finally:
        browser.close()

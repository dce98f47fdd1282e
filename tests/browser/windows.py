"""A real browser: its programme, and a window that somebody looks through."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TELEPHONE, DESK = 360, 1280
_HEIGHT = 800
_MOST_TABS = 60
_AXE = Axe()


def find_chromium() -> Path | None:
    """The program of the browser; None where it is not installed."""
    usual = Path("/usr/bin/chromium")
    found = shutil.which("chromium")
    return usual if usual.exists() else Path(found) if found else None


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """A running browser without a screen; None where it is not installed."""
    program = find_chromium()
    if program is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A page of a site as one person sees it; it notes whom it asks for anything."""

    page: Page
    address: str
    asked: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Of the whole context: no window that a page might open goes unheard.
        self.page.context.on(
            "request", lambda request: self.asked.add(urlsplit(request.url).netloc)
        )
        self.page.on("console", self._note_error)

    def _note_error(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.errors.append(said.text)

    def go(self, path: str) -> None:
        """Opens a page of the site, or a whole address."""
        self.page.goto(path if path.startswith("http") else f"{self.address}{path}")

    def sign_in(self, email: str, password: str) -> None:
        """Through the sign-in page."""
        self.go("/sign-in")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", password)
        self.press("main form button[type=submit]")

    def press(self, selector: str) -> None:
        """Presses a button or link and waits for the page it leads to."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def tab_to(self, selector: str) -> None:
        """Presses Tab until this has the focus."""
        for _ in range(_MOST_TABS):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard never reaches {selector}")

    def find_faults(self) -> list[str]:
        """What an accessibility check finds, whether it scrolls sideways, and whom it asked."""
        found: list[dict[str, Any]] = _AXE.run(self.page).response["violations"]
        faults = [
            f"{self.page.url}: {fault['id']}: {node['target']} {node['html'][:160]}"
            for fault in found
            for node in fault["nodes"]
        ]
        width = self.page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.documentElement)")
        if width > 0:
            faults.append(f"{self.page.url}: {width} px wider than the window")
        strangers = self.asked - {urlsplit(self.address).netloc}
        faults += [f"{self.page.url}: asked {host}" for host in strangers]
        return faults + [f"{self.page.url}: {error}" for error in self.errors]


def open_window(
    browser: Browser,
    address: str,
    *,
    width: int = DESK,
    height: int = _HEIGHT,
    language: str = "da",
    is_dark: bool = False,
    scripts: bool = True,
) -> Window:
    """A window with cookies of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        locale="da-DK" if language == "da" else "en-GB",
        color_scheme="dark" if is_dark else "light",
        timezone_id="Europe/Copenhagen",
        service_workers="block",
    )
    context.set_default_timeout(20_000)
    return Window(context.new_page(), address)

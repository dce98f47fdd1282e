"""`python -m tests.browser.accessibility`: checks every page in each width, language and colours,
and writes what was found into config/accessibility.toml for the statement.
"""

import re
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import Site, free_port, serving
from tests.browser.looks import COMBINATIONS, LOOKS, fill, find_faults_everywhere, strain
from tests.browser.windows import Window, chromium, open_window
from tests.conftest import NO_BROWSER
from wellbeing.clock import utc_now
from wellbeing.demo.mail_server import mail_server
from wellbeing.resources import folder
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

START = datetime(2026, 2, 2, 9, tzinfo=UTC)


def main() -> int:
    """Writes the result and prints the faults; 1 when there is any."""
    with chromium() as browser, tempfile.TemporaryDirectory() as name:
        if browser is None:
            sys.stderr.write(f"{NO_BROWSER}\n")
            return 1
        faults = _check(browser, Path(name))
    sys.stderr.write("".join(f"{fault}\n" for fault in faults))
    write_result(len(faults))
    return int(bool(faults))


def write_result(violations: int) -> None:
    """Puts the day, the number of pages and of faults into the file; the known gaps stay."""
    path = folder("config") / "accessibility.toml"
    text = path.read_text(encoding="utf-8")
    for key, value in (
        ("checked_on", utc_now().date().isoformat()),
        ("pages", count_pages()),
        ("violations", violations),
    ):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    path.write_text(text, encoding="utf-8")


def count_pages() -> int:
    """How many pages are looked at."""
    return sum(len(paths) for paths in LOOKS.values())


def _check(browser: Browser, data: Path) -> list[str]:
    database = Database(f"sqlite:///{data / 'wellbeing.db'}", durable=False)
    upgrade(database)
    port = free_port()
    with mail_server(data / "mail") as smtp_port:
        site = Site(database, data, START, smtp_port, f"http://127.0.0.1:{port}")
        with serving(site.app, port):
            strain(site)
            places = fill(site)
            faults = [
                fault
                for width, language, is_dark in COMBINATIONS
                for fault in find_faults_everywhere(
                    site,
                    partial(_open, browser, site, width, language, is_dark),
                    places,
                    language,
                )
            ]
        site.close()
    database.close()
    return faults


def _open(
    browser: Browser, site: Site, width: int, language: str, is_dark: bool, name: str | None
) -> Window:
    window = open_window(
        browser, site.settings.base_url, width=width, language=language, is_dark=is_dark
    )
    if name:
        site.let_in(window, name)
    return window


if __name__ == "__main__":
    sys.exit(main())

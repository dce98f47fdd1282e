"""`make screenshots`: pictures of the demo's pages, by role, into docs/screenshots/."""

import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.conftest import free_port, serving
from tests.browser.windows import DESK, TELEPHONE, Window, chromium, open_window
from tests.conftest import NO_BROWSER
from tests.rounds import STEADY
from wellbeing.app import create_app
from wellbeing.clock import utc_now
from wellbeing.demo.history import DIARY_CODE, DemoAccount
from wellbeing.demo.prepare import demo_settings, prepare

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST_TOTAL = 8_000_000
COLOURS = 96
STRANGER = ""


@dataclass(frozen=True)
class Picture:
    """A page to be shown: where it is, or which link of the page before leads there.

    One without a name is only passed through; `part` is the one element to be shown.
    """

    name: str
    path: str = ""
    follow: str = ""
    full: bool = True
    part: str = ""


PICTURES: dict[str, tuple[Picture, ...]] = {
    STRANGER: (
        Picture("sign-in", "/sign-in"),
        Picture("privacy", "/privacy", full=False),
        Picture("what-if", "/what-if", full=False),
        Picture("outbox", "/demo/outbox", full=False),
    ),
    "employee 2": (
        Picture("front-page", "/"),
        Picture("check-in-start", follow="main a[href^='/check-in/']"),
        Picture("check-in-questions", follow="main form[data-begin] button.primary", full=False),
        Picture("diary", "/diary"),
        Picture("my-page", "/me"),
        Picture("security", "/me/security", full=False),
        Picture("my-data", "/me/data", full=False),
        Picture("my-log", "/me/log", full=False),
        Picture("what-my-leader-sees", "/my-unit", full=False),
        Picture("anonymity-reports", "/anonymity"),
        Picture("anonymity-report", follow="main a[href^='/anonymity/'] >> nth=0"),
        Picture("ask-for-a-talk", "/support"),
        Picture("own-sessions", "/support/sessions"),
        Picture("calendar-address", "/me/calendar"),
        Picture("unit-support", "/my-unit/support"),
        Picture("register-incident", "/incidents/new"),
        Picture("flag-rules", "/flag-rules", full=False),
        Picture("conversation", "/conversation", full=False),
    ),
    "employee": (Picture("result"), Picture("open-diary")),
    "leader": (
        Picture("team", "/teams"),
        Picture("team-support", follow="main a[href$='/support']"),
    ),
    "helped leader": (
        Picture("helped-team", "/teams", full=False),
        Picture("helped-team-support", follow="main a[href$='/support']"),
        Picture("", "/teams"),
        Picture("did-it-help", follow="main a[href$='/effects']"),
        Picture("", "/teams"),
        Picture("apv-pack", follow="main a[href$='/apv']", full=False),
    ),
    "incident leader": (
        Picture("", "/teams"),
        Picture("incidents", follow="main a[href$='/incidents']"),
        Picture("incident", follow="main a[href*='/teams/incidents/'] >> nth=0"),
    ),
    "safety representative": (Picture("safety-representative-team", "/teams"),),
    "director": (Picture("director-units", "/teams"),),
    "department leader": (Picture("teams", "/teams"),),
    "leader of two teams": (
        Picture("two-teams", "/teams"),
        Picture("small-team", follow="main a[href^='/teams/']:has-text('Opsøgende') >> nth=0"),
    ),
    "hr": (
        Picture("hr", "/hr"),
        Picture("hr-rounds", "/hr/rounds"),
        Picture("hr-flag", follow="main a[href^='/hr/flags/']:not([href$=schedule]) >> nth=0"),
        Picture("hr-schedule", follow="main a[href$=schedule]"),
        Picture("hr-ledger", "/hr/ledger"),
        Picture("hr-requests", "/hr/requests"),
        Picture("hr-incidents", "/hr/incidents"),
        Picture("hr-incident", follow="main a[href^='/hr/incidents/'] >> nth=0"),
        Picture("hr-supervision", "/hr/supervision"),
        Picture("hr-supervisors", "/hr/supervision/supervisors"),
        Picture("hr-effects", "/hr/effects"),
        Picture("hr-reference", "/hr/reference", full=False),
        Picture("hr-units", "/hr/units"),
        Picture("hr-new-programme", "/hr/programmes/new"),
    ),
    "supervisor": (
        Picture("supervisor", "/supervisor"),
        Picture("supervisor-hours", "/supervisor/availability"),
    ),
    "administrator": (
        Picture("people", "/admin", full=False),
        Picture("audit-log", "/admin/audit", full=False),
        Picture("status", "/admin/status"),
        Picture("webhooks", "/admin/webhooks", full=False),
    ),
}
# What the style guide shows, by day and by night.
COMPONENTS: dict[str, tuple[Picture, ...]] = {
    STRANGER: (Picture("style-form", "/sign-in", part="main form:not([hidden])"),),
    "employee 2": (
        Picture("style-card", "/", part="main section.card"),
        Picture("style-notice", "/privacy", part="main .notice >> nth=0"),
        Picture("", "/"),
        Picture("", follow="main a[href^='/check-in/']"),
        Picture(
            "style-question",
            follow="main form[data-begin] button.primary",
            part="main fieldset.item >> nth=0",
        ),
    ),
}
# A result is shown once, so it can be photographed once.
ONCE = {"employee"}
ALSO_IN_ENGLISH_AND_DARK = {STRANGER, "employee 2", "leader"}


def main() -> int:
    """Makes the demo, takes every picture, and says how large they are together."""
    with chromium() as browser, tempfile.TemporaryDirectory() as name:
        if browser is None:
            _say(NO_BROWSER)
            return 1
        data, taken, port = Path(name) / "demo", Path(name) / "pictures", free_port()
        taken.mkdir()
        accounts = prepare(data, port=port, now=utc_now(), fresh=False, say=_say)
        app = create_app(demo_settings(data, port))
        photographer = Photographer(browser, f"http://127.0.0.1:{port}", accounts, taken)
        with serving(app, port):
            photographer.take_all()
        app.extensions["wellbeing"].database.close()
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(taken, FOLDER)
    total = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    _say(f"{len(list(FOLDER.glob('*.png')))} pictures, {total / 1e6:.1f} MB, in {FOLDER}")
    return int(total > LARGEST_TOTAL)


@dataclass(frozen=True)
class Photographer:
    """Takes the pictures of a running demo."""

    browser: Browser
    address: str
    accounts: list[DemoAccount]
    folder: Path

    def take_all(self) -> None:
        """Every picture, by role and size."""
        for role in PICTURES:
            for width in (TELEPHONE,) if role in ONCE else (TELEPHONE, DESK):
                self._visit(
                    role, open_window(self.browser, self.address, width=width), f"{width}-da"
                )
        for role in ALSO_IN_ENGLISH_AND_DARK:
            window = open_window(
                self.browser, self.address, width=TELEPHONE, language="en", is_dark=True
            )
            self._visit(role, window, f"{TELEPHONE}-en-dark")
        for role, is_dark in product(COMPONENTS, (False, True)):
            window = open_window(self.browser, self.address, width=TELEPHONE, is_dark=is_dark)
            ending = f"{TELEPHONE}-da{'-dark' if is_dark else ''}"
            self._visit(role, window, ending, COMPONENTS)

    def _visit(
        self,
        role: str,
        window: Window,
        ending: str,
        pictures: Mapping[str, tuple[Picture, ...]] = PICTURES,
    ) -> None:
        _say(f"{role or 'everyone'}, {ending}")
        account = next((account for account in self.accounts if account.role == role), None)
        if account:
            window.sign_in(account.email, account.password)
        is_english = account is not None and "-en" in ending
        if is_english:
            window.press("header button[name=locale][value=en]")
        for picture in pictures[role]:
            self._take(picture, window, ending)
        if is_english:
            window.go("/")
            window.press("header button[name=locale][value=da]")
        window.page.context.close()

    def _take(self, picture: Picture, window: Window, ending: str) -> None:
        if picture.name == "result":
            self._send_answers(window, ending)
        elif picture.name == "open-diary":
            _open_diary(window)
        elif picture.path:
            window.go(picture.path)
        elif window.page.locator(picture.follow).count():
            window.press(picture.follow)
        else:
            _say(f"  {picture.name}: nothing leads there now")
            return
        if not picture.name:
            return
        window.page.wait_for_load_state("networkidle")
        shot = (
            window.page.locator(picture.part).screenshot()
            if picture.part
            else window.page.screenshot(full_page=picture.full)
        )
        _keep(shot, self.folder / f"{picture.name}-{ending}.png")

    def _send_answers(self, window: Window, ending: str) -> None:
        window.go("/")
        window.press("main a[href^='/check-in/']")
        window.press("main form[data-begin] button.primary")
        for page, first in enumerate((1, 11, 21), 1):
            for item in range(first, first + 10):
                window.page.check(f"#item{item}-{STEADY[item - 1]}")
            _keep(window.page.screenshot(), self.folder / f"check-in-page-{page}-{ending}.png")
            window.press("button[name=go]:is([value=next], [value=send])")


def _open_diary(window: Window) -> None:
    window.go("/diary")
    window.page.fill("form.narrow [name=code]", DIARY_CODE)
    window.press("form.narrow button")


def _keep(picture: bytes, path: Path) -> None:
    """A palette of its own makes a picture of a page a third as large and looks the same."""
    with Image.open(BytesIO(picture)) as whole:
        whole.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())

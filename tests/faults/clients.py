"""People who answer a check-in in a browser, page by page, and press Send again where it fails."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from random import Random
from threading import Event
from uuid import UUID

import requests

from tests.cast import PASSWORD
from tests.faults.told import Told
from tests.rounds import STEADY, WORN

_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
_FORM = re.compile(r'name="form_id"[^>]* value="([^"]+)"')
_RECEIPT = re.compile(r'<code class="code receipt">([0-9a-f ]+)</code>')
_TITLE = re.compile(r"<title>([^<]*)</title>")
_PAUSE_SECONDS = 0.3
RESENT_SHARE = 0.25


class Broken(Exception):
    """No page came, or one that says that something went wrong; trying again is what people do."""


@dataclass
class Respondent:
    """One person's browser. `patience` is how long they try, in seconds."""

    address: str
    email: str
    round_id: UUID
    told: Told
    patience: float = 60
    chance: Random = field(default_factory=Random)

    def answer(self, *, stop: Event | None = None) -> bool:
        """Whether it came to a receipt; nobody begins after `stop`; who has sent goes on."""
        until = time.monotonic() + self.patience
        sheet = self._sheet()
        while time.monotonic() < until and not self.told.over.is_set():
            if stop and stop.is_set() and self.email not in self.told.tried:
                return False
            try:
                with requests.Session() as browser:
                    browser.trust_env = False
                    self._go_through(browser, sheet)
                    return True
            except Broken as fault:
                self.told.show(str(fault))
                time.sleep(_PAUSE_SECONDS)
        return False

    def _go_through(self, browser: requests.Session, sheet: dict[str, str]) -> None:
        path = f"/check-in/{self.round_id}"
        self._sign_in(browser)
        page = self._get(browser, path)
        # The form that was begun, also where its page was loaded again since.
        if self.email not in self.told.forms:
            self.told.forms[self.email] = _first(_FORM, page)
        fields = {"csrf_token": _first(_TOKEN, page), "form_id": self.told.forms[self.email]}
        if self.email not in self.told.tried:
            self._post(browser, path, fields)
            for step in (1, 2):
                items = {name: sheet[name] for name in list(sheet)[: 10 * step]}
                self._post(browser, path, {**fields, **items, "step": str(step), "go": "next"})
        last = {**fields, **sheet, "step": "3", "go": "send"}
        self.told.try_to_send(self.email)
        receipt = self._receipt(self._post(browser, path, last))
        self.told.acknowledge(self.email, receipt)
        if self.chance.random() < RESENT_SHARE:
            self.told.acknowledge(self.email, self._receipt(self._post(browser, path, last)))
            self.told.resend()

    def _receipt(self, page: str) -> str:
        found = _RECEIPT.search(page)
        if found is None:
            title = _first(_TITLE, page)
            raise Broken(f"no receipt, but »{title.strip()}«")
        return found[1].replace(" ", "")

    def _sign_in(self, browser: requests.Session) -> None:
        token = _first(_TOKEN, self._get(browser, "/sign-in"))
        fields = {"csrf_token": token, "email": self.email, "password": PASSWORD}
        self._post(browser, "/sign-in", fields)

    def _get(self, browser: requests.Session, path: str) -> str:
        return self._page(browser, "GET", path, None)

    def _post(self, browser: requests.Session, path: str, fields: dict[str, str]) -> str:
        return self._page(browser, "POST", path, fields)

    def _page(
        self, browser: requests.Session, method: str, path: str, fields: dict[str, str] | None
    ) -> str:
        try:
            answer = browser.request(method, f"{self.address}{path}", data=fields, timeout=20)
        except requests.Timeout:
            raise Broken("nothing for 20 seconds") from None
        except requests.RequestException:
            raise Broken("no connection") from None
        if answer.status_code >= 500:
            raise Broken(f"{answer.status_code} »{_first(_TITLE, answer.text).strip()}«")
        return answer.text

    def _sheet(self) -> dict[str, str]:
        number = int(re.sub(r"\D", "", self.email) or "0")
        values = WORN if number % 2 else STEADY
        return {f"item{n}": str(value) for n, value in enumerate(values, start=1)}


def _first(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise Broken("a page that cannot be read")
    return found[1]


@dataclass
class Crowd:
    """Many people at once; `finish` waits until everybody who pressed Send has an answer."""

    told: Told
    stop: Event = field(default_factory=Event)
    waiting: list[Future[bool]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))

    def send(self, address: str, emails: Iterable[str], round_id: UUID, patience: float) -> None:
        """They begin one after the other, eight at a time."""
        for email in emails:
            one = Respondent(address, email, round_id, self.told, patience)
            self.waiting.append(self._pool.submit(one.answer, stop=self.stop))

    @property
    def is_done(self) -> bool:
        """Whether everybody has come to an end."""
        return all(one.done() for one in self.waiting)

    def finish(self, *, now: bool) -> list[str]:
        """`now`: nobody begins any more. What was sent and never came to an answer is told."""
        if now:
            self.stop.set()
        wait(self.waiting)
        self._pool.shutdown()
        faults = [repr(one.exception()) for one in self.waiting if one.exception()]
        lost = self.told.tried - self.told.acknowledged().keys()
        return faults + [f"{len(lost)} sent and got no answer in the end"] * bool(lost)


def commonest(shown: Counter[str]) -> str:
    """What people saw while it was broken, the most frequent first."""
    return "; ".join(f"{what} ({count})" for what, count in shown.most_common(4))

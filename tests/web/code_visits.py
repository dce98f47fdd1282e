"""Visits with a one-time code: a round that is open, and codes for the cast."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Flask

from tests.cast import Cast
from tests.rounds import STEADY, RoundRunner
from tests.web.browser import Browser, Shown
from wellbeing.actions.codes import keep_codes, make_codes
from wellbeing.crypto.codes import show_code
from wellbeing.store.reach import Reach

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class CodeVisits:
    """Issues codes for the open round, and answers with them."""

    app: Flask
    cast: Cast
    rounds: RoundRunner
    round_id: UUID

    @property
    def path(self) -> str:
        """Where the check-in is."""
        return f"/check-in/{self.round_id}"

    def issue(self, name: str) -> str:
        """A new code as it is printed."""
        codes = make_codes([self.cast.people[name]])
        with self.rounds.database.writing(Reach.WORKPLACE) as session:
            keep_codes(session, self.round_id, codes, app_key=self.app.config["SECRET_KEY"])
        return show_code(codes[self.cast.people[name]])

    def come(self, name: str, browser: Browser | None = None) -> Browser:
        """A browser that has come in with a new code."""
        browser = browser or Browser(self.app)
        shown = browser.post("/code", {"code": self.issue(name)})
        assert shown.location == self.path
        return browser

    def send(self, browser: Browser, status: int = 200) -> Shown:
        """Sends thirty answers from the start page on."""
        start = browser.get(self.path)
        fields = dict(_HIDDEN.findall(start.html))
        answers = {f"item{item}": str(value) for item, value in enumerate(STEADY, start=1)}
        shown = browser.post_as_is(self.path, fields, 200)
        fields |= dict(_HIDDEN.findall(shown.html))
        return browser.post_as_is(
            self.path, {**fields, **answers, "step": "3", "go": "send"}, status
        )

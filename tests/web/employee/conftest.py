"""Fixtures for the employee pages: a round that is open, and somebody who fills in forms."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import html5lib
import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.rounds import STEADY, RoundRunner
from tests.web.browser import Browser, Shown
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.base import Base
from wellbeing.store.org import RoundWording
from wellbeing.store.personal import Ballot, DiaryEntry, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

EITHER_LANGUAGE = pytest.mark.parametrize("language", ["da", "en"])


def fields_of(shown: Shown, *, path: str) -> dict[str, str]:
    """What the form that leads to `path` would send: hidden, typed and chosen values."""
    root = html5lib.parse(shown.html, namespaceHTMLElements=False)
    form = next(f for f in root.iter("form") if f.get("action", path) == path)
    return {
        field.get("name", ""): field.get("value", "")
        for field in form.iter("input")
        if field.get("type") not in {"radio", "checkbox"} or "checked" in field.attrib
    }


def given(values: tuple[int, ...], items: range) -> dict[str, str]:
    """The fields of these items, as somebody chooses them; 0 says "I would rather not"."""
    return {f"item{item}": str(values[item - 1] or "none") for item in items}


@dataclass
class Answering:
    """Somebody in front of the check-in, page after page."""

    browser: Browser
    round_id: UUID

    @property
    def path(self) -> str:
        """The address of the check-in."""
        return f"/check-in/{self.round_id}"

    def start(self) -> Shown:
        """Reads the start page and presses Start."""
        start = self.browser.get(self.path)
        return self.browser.post_as_is(self.path, fields_of(start, path=self.path), 200)

    def press(self, shown: Shown, button: str, more: dict[str, str], status: int = 200) -> Shown:
        """Fills in `more` on the page shown and presses a button of it."""
        fields = {**fields_of(shown, path=self.path), **more, "go": button}
        return self.browser.post_as_is(self.path, fields, status)

    def go_to_last_page(self, values: tuple[int, ...] = STEADY) -> Shown:
        """Answers two pages."""
        second = self.press(self.start(), "next", given(values, range(1, 11)))
        return self.press(second, "next", given(values, range(11, 21)))

    def answer(self, values: tuple[int, ...] = STEADY) -> Shown:
        """Answers all three pages and sends."""
        return self.press(self.go_to_last_page(values), "send", given(values, range(21, 31)))

    def sheet(self, values: tuple[int, ...] = STEADY, **changed: str) -> dict[str, str]:
        """Everything a last page sends, with some fields changed."""
        token = self.browser.fetch_token()
        return {"csrf_token": token, "step": "3", "go": "send", **given(values, range(1, 31))} | (
            changed
        )


@pytest.fixture
def rounds(database: Database, cast: Cast, tmp_path: Path, now: datetime) -> RoundRunner:
    """Opens rounds of the cast's organisation, with keys where the app looks for them."""
    return RoundRunner(database, tmp_path, now)


@pytest.fixture
def hanne_leads_everything(database: Database, cast: Cast) -> None:
    """No figure may count Hanne."""
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(
                person_id=cast.people["Hanne"],
                role=Role.LEADER,
                unit_id=cast.units["organisation"],
            )
        )


@pytest.fixture
def open_round(rounds: RoundRunner) -> UUID:
    """A round open for everybody for two weeks."""
    return rounds.open()


def change_words(database: Database, round_id: UUID) -> None:
    """The English words of a round are no longer those that it opened with."""
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(RoundWording, (round_id, "en")).sha256 = "0" * 64


def count(database: Database, table: type[Base]) -> int:
    """How many rows a table has."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def check_nothing_is_stored(database: Database) -> None:
    """No ballot, no diary entry, and nobody marked as done."""
    assert count(database, Ballot) == 0
    assert count(database, DiaryEntry) == 0
    with database.reading(Reach.EVERYTHING) as session:
        assert not session.scalars(select(Participation.done).where(Participation.done)).all()

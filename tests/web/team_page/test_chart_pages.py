"""The charts as they are fetched: cached by the reader's browser alone, in their language."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from tests.cast import Cast
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf
from tests.web.past import GAP
from wellbeing.actions.figures import find_rounds
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession
from wellbeing.web.team_page import charts


@pytest.fixture
def lis(client_of: ClientOf) -> Browser:
    """The leader of team A."""
    return client_of("Lis")


@pytest.fixture
def path(cast: Cast) -> str:
    """The address of team A's chart of burnout."""
    return f"/teams/{cast.units['team_a']}/BO.svg"


def marks_of(shown: Shown, kind: str) -> list[str]:
    """The marks of one kind in a chart."""
    return re.findall(rf'id="({kind}-\d+)"', shown.html)


def hold_session(database: Database, cast: Cast, held_at: datetime) -> None:
    """Team supervision in team A that took place."""
    with database.writing(Reach.EVERYTHING) as session:
        offer = Offer(
            id=uuid4(),
            unit_id=cast.units["team_a"],
            form=SupportForm.TEAM_SUPERVISION,
            state=OfferState.HELD,
            offered_on=held_at.date(),
        )
        session.add(offer)
        session.flush()
        session.add(
            SupportSession(
                offer_id=offer.id,
                supervisor_id=cast.people["Susan"],
                starts_at=held_at,
                ends_at=held_at + timedelta(hours=1),
                place="Mødelokale 2",
                state=SessionState.HELD,
            )
        )


def latest_closing(database: Database) -> datetime:
    """When the latest round closed."""
    with database.reading(Reach.EVERYTHING) as session:
        found = session.get_one(PublishedRound, find_rounds(session)[-1].round_id)
    assert found.key_destroyed_at
    return found.key_destroyed_at


def test_a_chart_is_a_picture_that_only_its_reader_keeps(lis: Browser, path: str) -> None:
    shown = lis.get(path)
    assert shown.headers["Content-Type"].startswith("image/svg+xml")
    assert shown.headers["Cache-Control"].startswith("private, max-age=")
    assert len(marks_of(shown, "figure")) == 7
    assert marks_of(shown, "withheld") == [f"withheld-{GAP - 1}"]


def test_a_browser_that_has_the_chart_is_not_sent_it_again(
    lis: Browser, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = lis.get(path).headers["ETag"]
    monkeypatch.delattr(charts, "draw_trend")  # it is not even looked for
    again = lis.get(path, 304, headers={"If-None-Match": etag})
    assert again.html == ""
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"].startswith("private")


def test_a_session_that_was_held_is_marked_and_makes_a_new_chart(
    lis: Browser, path: str, database: Database, cast: Cast
) -> None:
    before = lis.get(path)
    hold_session(database, cast, latest_closing(database) - timedelta(days=100))
    after = lis.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert marks_of(before, "session") == []
    assert marks_of(after, "session") == ["session-0"]


def test_a_new_wording_breaks_the_line_between_two_rounds(
    lis: Browser, path: str, database: Database
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        later = [shown.round_id for shown in find_rounds(session)[4:]]
        session.execute(
            update(PublishedRound).where(PublishedRound.round_id.in_(later)).values(wording="new")
        )
    shown = lis.get(path)
    assert marks_of(shown, "break") == ["break-0"]
    assert len(marks_of(shown, "level")) == 3  # the gap interrupts it, too


def test_the_dark_chart_is_another_one(lis: Browser, path: str) -> None:
    light, dark = lis.get(path), lis.get(f"{path}?theme=dark")
    assert light.headers["ETag"] != dark.headers["ETag"]
    assert light.html != dark.html


def test_a_chart_is_in_the_language_of_its_reader(client_of: ClientOf, path: str) -> None:
    danish, english = (client_of("Lis", language=language).get(path) for language in ("da", "en"))
    assert danish.headers["ETag"] != english.headers["ETag"]


def test_the_address_of_a_chart_changes_with_the_chart(
    lis: Browser, path: str, database: Database, cast: Cast
) -> None:
    page = path.removesuffix("/BO.svg")
    before = re.findall(r"BO\.svg\?v=(\w+)", lis.get(page).html)
    hold_session(database, cast, latest_closing(database) - timedelta(days=100))
    after = re.findall(r"BO\.svg\?v=(\w+)", lis.get(page).html)
    assert len(before) == len(after) == 1
    assert before != after


def test_a_session_before_the_first_figure_is_not_marked(
    lis: Browser, path: str, database: Database, cast: Cast
) -> None:
    hold_session(database, cast, latest_closing(database) - timedelta(days=2000))
    assert marks_of(lis.get(path), "session") == []


@pytest.mark.parametrize("scale", ["XX", "bo", "BO.png"])
def test_there_is_no_other_scale(lis: Browser, path: str, scale: str) -> None:
    lis.get(path.replace("BO", scale), 404)

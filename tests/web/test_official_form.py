"""The whole way of the official form: read in, approved, asked with credits, published, marked."""

import io
from uuid import UUID

import pytest
from markupsafe import escape
from sqlalchemy import select

from tests.cast import Cast
from tests.forms import ANCHORS_DA, json_form, sentences, wording_of
from tests.rounds import RoundRunner
from tests.web.conftest import ClientOf, Clock
from tests.web.employee.conftest import Answering
from wellbeing.domain.instrument import load_wording
from wellbeing.settings import Settings
from wellbeing.store.org import Programme, RoundWording
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

FORM = wording_of(anchors=ANCHORS_DA)
OURS = load_wording("da")


@pytest.fixture
def rounds(database: Database, settings: Settings, clock: Clock, cast: Cast) -> RoundRunner:
    """Rounds with keys where the app looks for them."""
    return RoundRunner(database, settings.data, clock.now())


def test_an_official_form_goes_its_whole_way(
    client_of: ClientOf, rounds: RoundRunner, database: Database, clock: Clock, cast: Cast
) -> None:
    first = rounds.open()
    _approve(client_of)
    assert _sentences_asked(client_of, first) == set(OURS.items[:10])
    _publish(rounds, clock, cast, first)
    _name_occupation(client_of, database)

    second = rounds.open()
    with database.reading(Reach.EVERYTHING) as session:
        asked = session.get_one(RoundWording, (second, "da"))
        assert (asked.wording_id, asked.sha256) == (FORM.id, FORM.sha256)
    _answer_and_look(client_of, second)
    _publish(rounds, clock, cast, second)

    lis = client_of("Lis")
    page = lis.get(f"/teams/{cast.units['team_a']}")
    assert "ProQOL 5. Professional Quality of Life Scale" in page.text
    assert "tilpasset fra ProQOL" not in page.text
    chart = lis.get(f"/teams/{cast.units['team_a']}/BO.svg").html
    assert 'id="break-0"' in chart
    assert FORM.id in lis.get(f"/anonymity/{second}").text


def _approve(client_of: ClientOf) -> None:
    adam = client_of("Adam")
    file = {"locale": "da", "file": (io.BytesIO(json_form()), "form.json")}
    page = adam.post("/admin/questionnaire", file, content_type="multipart/form-data").location
    assert page == f"/admin/questionnaire/{FORM.id}"
    adam.post(f"{page}/approve")


def _name_occupation(client_of: ClientOf, database: Database) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        programme_id = session.scalars(select(Programme.id)).one()
    address = f"/hr/programmes/{programme_id}/occupation"
    client_of("Hanne").post(address, {"occupation_da": "pædagog & ven"})


def _sentences_asked(client_of: ClientOf, round_id: UUID) -> set[str]:
    shown = Answering(client_of("Tom"), round_id).start().html
    known = (*OURS.items, *sentences())
    return {text for text in known if f"{escape(text)}</legend>" in shown}


def _answer_and_look(client_of: ClientOf, round_id: UUID) -> None:
    answering = Answering(client_of("Eva"), round_id)
    start, first = answering.browser.get(answering.path), answering.start()
    result = answering.answer()
    assert "Som pædagog &amp; ven har jeg båret" in first.html
    assert "[hjælper]" not in first.text
    assert all(anchor in first.text for anchor in ANCHORS_DA)
    for shown in (start, first, result):
        assert "ProQOL 5. Spørgsmålene stiller" in shown.text
        assert "www.ProQOL.org" in shown.text
        assert "B. Hudnall Stamm" in shown.text
        assert "tilpasset" not in shown.text
    english = Answering(client_of("Tom", language="en"), round_id).start().text
    assert "ProQOL 5, adapted from the ProQOL." in english


def _publish(rounds: RoundRunner, clock: Clock, cast: Cast, round_id: UUID) -> None:
    rounds.answer_all(round_id, [p for p in cast.members_of("team_a") if p != cast.people["Eva"]])
    rounds.publish(round_id)
    rounds.forward(days=100)
    clock.forward(days=100)

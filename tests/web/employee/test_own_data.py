"""What is stored about oneself: all of it, in words, as files, and erased where it is one's own."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.actions.support_helpers import add_session
from tests.cast import Cast
from tests.rounds import RoundRunner
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import EITHER_LANGUAGE
from wellbeing.actions import diary, requests
from wellbeing.actions.calendar_feeds import make_address
from wellbeing.actions.own_data import find_own_data
from wellbeing.actions.own_ways_in import find_ways_in
from wellbeing.domain.actor import Actor
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.pdf import can_render_pdf
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.personal import DiaryKey
from wellbeing.store.reach import Reach
from wellbeing.store.registry import all_tables
from wellbeing.store.sessions import Database
from wellbeing.store.support import Booking
from wellbeing.web.employee.data_words import COLUMNS, ERASABLE, PARTS

CODE = "havregrød og blåbær"
# Which part holds what a table says of a person.
PART_OF = {
    "audit_event": "acts",
    "authenticator_app": "ways_in",
    "availability": "hours",
    "availability_exception": "exceptions",
    "booking": "sessions",
    "bounced_address": "account",
    "calendar_feed": "calendar",
    "check_in_code": "codes",
    "credential": "ways_in",
    "diary_entry": "diary",
    "diary_key": "diary",
    "diary_passkey": "diary",
    "external_identity": "identities",
    "incident": "registered",
    "incident_affected": "affected",
    "key_holder": "ways_in",
    "membership": "units",
    "offer": "offers",
    "outbox_message": "letters",
    "participation": "rounds",
    "person": "account",
    "role_grant": "roles",
    "session_series": "series",
    "sign_in_link": "links",
    "sign_in_passkey": "passkeys",
    "sign_in_recovery_code": "ways_in",
    "sign_in_session": "sign_ins",
    "supervisor": "supervisor",
    "support_request": "requests",
    "support_session": "led",
}


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The employee's own pages."""
    return ("employee",)


@pytest.fixture
def full(database: Database, cast: Cast, rounds: RoundRunner, clock: Clock) -> Cast:
    """Eva has a diary, an answer, a request, a place, an address."""
    eva, now = cast.people["Eva"], clock.now()
    add_session(database, cast, at=now + timedelta(days=3))
    with database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, CODE, person_id=eva)
        requests.ask(
            session, eva, RequestWish.TALK, "Ring efter kl. 15", zone=Settings().zone, now=now
        )
        make_address(session, eva, now=now, by=Actor.person(eva))
    rounds.answer(rounds.open(), eva)
    return cast


def test_every_table_that_leads_to_a_person_is_in_a_part() -> None:
    leading = {"person", "audit_event"}
    while True:
        found = {
            table.name
            for table in all_tables().sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in {"person", "supervisor", "diary_key"}
        }
        if found <= leading:
            break
        leading |= found
    assert leading == set(PART_OF)
    assert set(PART_OF.values()) == set(PARTS)


def test_every_part_and_column_has_words_and_an_end(
    database: Database, full: Cast, clock: Clock
) -> None:
    eva = full.people["Eva"]
    with database.reading(Reach.EVERYTHING) as session:
        parts = [*find_own_data(session, eva), *find_ways_in(session, eva)]
    assert [part.key for part in parts] == list(PARTS)
    assert {name for part in parts for row in part.rows for name in row} <= set(COLUMNS)
    keys = {row.key for row in load_retention_table().rows}
    assert {part.retention for part in parts} <= keys | {"audit"}


@EITHER_LANGUAGE
@pytest.mark.asvs("14.3.2")
def test_the_page_says_what_is_stored_and_how_long(
    client_of: ClientOf, full: Cast, language: str
) -> None:
    shown = client_of("Eva", language=language).get("/me/data")
    said = {
        "da": ("Eva Holm", "Ring efter kl. 15", "Indtil runden er offentliggjort", "Hvor længe:"),
        "en": ("Eva Holm", "Ring efter kl. 15", "Until the round is published", "How long:"),
    }
    assert [words for words in said[language] if words not in shown.text] == []
    assert shown.headers["Cache-Control"] == "no-store"


def test_nobody_else_is_in_ones_data(client_of: ClientOf, full: Cast) -> None:
    eva = client_of("Eva")
    for path in ("/me/data", "/me/data.json"):
        html = eva.get(path).html
        others = [name for name in ("Tom Bæk", "Susan Clarke", "Lis Vestergaard") if name in html]
        assert others == []


@on_both_databases
def test_the_file_holds_every_part_and_no_secret_or_score(
    client_of: ClientOf, full: Cast, database: Database
) -> None:
    shown = client_of("Eva").get("/me/data.json")
    said = json.loads(shown.html)
    assert set(said["data"]) == set(PARTS)
    assert said["data"]["diary"] == [{"sealed_entries": 1, "passkeys": 0}]
    assert said["data"]["rounds"][0]["answered"] is True
    assert said["data"]["sign_ins"][0]["started_at"].startswith("2026-02-02")
    with database.reading(Reach.EVERYTHING) as session:
        key = session.get_one(DiaryKey, full.people["Eva"])
        assert key.public_key.hex() not in shown.html
    assert "hash" not in shown.html
    assert "score" not in json.dumps(said["data"])
    assert "attachment" in shown.headers["Content-Disposition"]


@pytest.mark.skipif(not can_render_pdf(), reason="needs WeasyPrint")
def test_the_document_is_a_pdf_that_nothing_keeps(client_of: ClientOf, full: Cast) -> None:
    shown = client_of("Eva").get("/me/data.pdf")
    assert shown.response.get_data().startswith(b"%PDF")
    assert shown.headers["Cache-Control"] == "no-store"


def test_a_leader_and_hr_see_their_own_data_too(client_of: ClientOf) -> None:
    for name in ("Lis", "Hanne", "Susan", "Adam"):
        client_of(name).get("/me/data")


def test_what_was_chosen_is_erased_and_the_rest_stays(
    client_of: ClientOf, full: Cast, database: Database
) -> None:
    eva = client_of("Eva", language="en")
    assert "My diary" in eva.get("/me/data/erase").text
    eva.post("/me/data/erase", {"what": ["diary", "request"], "confirm": "y"}, 302)
    assert "What you chose is erased." in eva.get("/me/data").text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get(DiaryKey, full.people["Eva"]) is None
        assert not session.scalars(select(SupportRequest)).all()
        places = select(Booking).where(Booking.person_id == full.people["Eva"])
        assert len(session.scalars(places).all()) == 1
        assert session.get_one(Person, full.people["Eva"]).name == "Eva Holm"
    eva.post("/me/data/erase", {"what": ["places", "calendar"], "confirm": "y"}, 302)
    assert "nothing here that is yours alone" in eva.get("/me/data/erase").text


@pytest.mark.parametrize(
    "fields", [{"what": ["diary"]}, {"confirm": "y"}, {"what": ["other"], "confirm": "y"}]
)
def test_without_a_choice_and_a_tick_nothing_is_erased(
    client_of: ClientOf, full: Cast, database: Database, fields: dict[str, object]
) -> None:
    client_of("Eva").post("/me/data/erase", fields, 422)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get(DiaryKey, full.people["Eva"]) is not None


def test_the_log_of_deletions_knows_what_a_person_erased_and_names_nobody(
    client_of: ClientOf, full: Cast, settings: Settings
) -> None:
    client_of("Eva").post("/me/data/erase", {"what": ["diary", "places"], "confirm": "y"}, 302)
    text = settings.deletion_log_file.read_text()
    assert [json.loads(line)["kind"] for line in text.splitlines()] == ["booking", "diary"]
    eva = full.people["Eva"]
    assert not [word for word in ("Eva", str(eva), eva.hex) if word in text]


def test_everything_erasable_has_words() -> None:
    assert {what.value for what in ERASABLE} == {
        "diary", "request", "places", "affected", "calendar",
    }  # fmt: skip

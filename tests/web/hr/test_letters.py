"""Letters and cards: a working code for each person, in the file and nowhere else."""

import re
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from tests.cast import Cast, full_name_of
from tests.rounds import RoundRunner
from tests.test_pdf import needs_pdf, read_streams
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, MakeApp, on_both_databases
from wellbeing.actions import printed_codes
from wellbeing.actions.codes import open_with_code
from wellbeing.actions.sign_in import find_signed_in
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.errors import Refused
from wellbeing.settings import Settings, SmsGateway
from wellbeing.store.accounts import CheckInCode, Person, PersonStatus
from wellbeing.store.audit import AuditEvent
from wellbeing.store.base import Base
from wellbeing.store.org import Membership, Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.hr import letter_routes

CODE = re.compile(r"\b([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})\b")
NIGHT_STAFF = ("Otto", "Ulla", "Eva")


@pytest.fixture
def rounds(database: Database, cast: Cast, settings: Settings, clock: Clock) -> RoundRunner:
    """Rounds with the keys of the app."""
    return RoundRunner(database, settings.data, clock.now())


@pytest.fixture
def round_id(rounds: RoundRunner, cast: Cast) -> UUID:
    """An open round; three people have no e-mail, and two of them no telephone either."""
    with rounds.database.writing(Reach.EVERYTHING) as session:
        for name in NIGHT_STAFF:
            session.get_one(Person, cast.people[name]).email = None
        session.get_one(Person, cast.people["Eva"]).mobile = "+4510001001"
    return rounds.open()


def print_letters(
    browser: Browser, round_id: UUID, unit_id: UUID, status: int = 200, **fields: str
) -> Shown:
    """Presses the button on the page of letters."""
    data = {"unit": str(unit_id), "to_whom": "unreached", "kind": "letters", **fields}
    return browser.post(f"/hr/rounds/{round_id}/letters", data, status)


def pages_of(shown: Shown) -> list[str]:
    """The words of each page of a PDF."""
    return [page.extract_text() for page in PdfReader(BytesIO(shown.response.get_data())).pages]


def text_of(shown: Shown) -> str:
    """The words of a PDF."""
    return "\n".join(pages_of(shown))


def who_opens(database: Database, settings: Settings, code: str, clock: Clock) -> UUID | None:
    """Whose check-in a code opens."""
    key = get_or_make_app_key(settings.key_folder)
    try:
        with database.writing(Reach.SIGN_IN) as session:
            opened = open_with_code(session, code, app_key=key, now=clock.now())
            who = find_signed_in(session, opened.secret, now=clock.now())
    except Refused:
        return None
    return who.person_id if who else None


@needs_pdf
@on_both_databases
@pytest.mark.parametrize("kind", ["letters", "cards"])
def test_everybody_without_an_address_gets_a_code_that_opens_their_own_check_in(
    kind: str,
    client_of: ClientOf,
    cast: Cast,
    round_id: UUID,
    database: Database,
    settings: Settings,
    clock: Clock,
) -> None:
    shown = print_letters(client_of("Hanne"), round_id, cast.units["organisation"], kind=kind)
    assert shown.response.mimetype == "application/pdf"
    assert shown.headers["Cache-Control"] == "no-store"
    text = text_of(shown)
    codes = CODE.findall(text)
    assert {who_opens(database, settings, code, clock) for code in codes} == {
        cast.people[name] for name in NIGHT_STAFF
    }
    for name in NIGHT_STAFF:
        assert full_name_of(name) in text
    assert full_name_of("Tom") not in text


@needs_pdf
def test_each_letter_is_a_page_in_the_language_of_its_receiver_and_describes_its_picture(
    client_of: ClientOf, cast: Cast, round_id: UUID
) -> None:
    shown = print_letters(client_of("Hanne"), round_id, cast.units["organisation"])
    text = text_of(shown)
    assert text.count("Hvordan har du det med arbejdet?") == 2
    assert text.count("How is the work treating you?") == 1
    assert text.count("localhost/code") == 3
    inside = read_streams(shown.response.get_data())
    assert b"/Lang (da)" in inside
    assert len(re.findall(rb"/S\s*/Figure\b", inside)) == 3
    assert len(pages_of(shown)) == 3


@needs_pdf
def test_who_is_reached_by_text_message_needs_no_letter_where_they_are_sent(
    make_app: MakeApp, client_of: ClientOf, round_id: UUID, cast: Cast
) -> None:
    hanne = client_of("Hanne", app=make_app(areas=("hr",), sms_gateway=SmsGateway.FILE))
    text = text_of(print_letters(hanne, round_id, cast.units["organisation"]))
    assert full_name_of("Otto") in text
    assert full_name_of("Eva") not in text


@needs_pdf
def test_making_letters_again_replaces_the_codes_of_those_people_only(
    client_of: ClientOf,
    cast: Cast,
    round_id: UUID,
    database: Database,
    settings: Settings,
    clock: Clock,
) -> None:
    hanne, house = client_of("Hanne"), cast.units["organisation"]
    first = CODE.findall(text_of(print_letters(hanne, round_id, house)))
    again = print_letters(hanne, round_id, house, numbers="1018")
    (newest,) = CODE.findall(text_of(again))
    otto = cast.people["Otto"]
    working = [who_opens(database, settings, code, clock) for code in first]
    assert working.count(None) == 1
    assert otto not in working
    assert who_opens(database, settings, newest, clock) == otto


@needs_pdf
def test_a_letter_is_made_whether_somebody_has_answered_or_not(
    client_of: ClientOf, cast: Cast, round_id: UUID, rounds: RoundRunner
) -> None:
    rounds.answer(round_id, cast.people["Otto"])
    shown = print_letters(client_of("Hanne"), round_id, cast.units["team_c"])
    assert len(CODE.findall(text_of(shown))) == 2


@needs_pdf
def test_the_codes_are_in_no_table_and_on_no_page(
    client_of: ClientOf, cast: Cast, round_id: UUID, database: Database
) -> None:
    hanne = client_of("Hanne")
    codes = CODE.findall(text_of(print_letters(hanne, round_id, cast.units["team_c"])))
    assert codes
    with database.reading(Reach.EVERYTHING) as session:
        tables = Base.metadata.sorted_tables
        dump = "\n".join(str(row) for table in tables for row in session.execute(select(table)))
    pages = [hanne.get(path).html for path in ("/hr", f"/hr/rounds/{round_id}/letters")]
    for code in codes:
        for form in (code, code.replace("-", ""), code.lower()):
            assert form not in dump
            assert all(form not in page for page in pages)


@needs_pdf
def test_the_audit_log_has_how_many_and_for_which_unit_and_not_for_whom(
    client_of: ClientOf, cast: Cast, round_id: UUID, database: Database
) -> None:
    print_letters(client_of("Hanne"), round_id, cast.units["organisation"], kind="cards")
    with database.reading(Reach.EVERYTHING) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "letters.printed")).one()
    assert event.subject == str(round_id)
    assert event.details == {
        "unit": str(cast.units["organisation"]),
        "kind": "cards",
        "count": 3,
    }


@needs_pdf
def test_a_file_that_cannot_be_made_leaves_the_earlier_codes_as_they_are(
    client_of: ClientOf,
    cast: Cast,
    round_id: UUID,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hanne = client_of("Hanne")
    print_letters(hanne, round_id, cast.units["team_c"])
    before = _hashes(database)

    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(letter_routes, "send_private_pdf", fails)
    hanne.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    print_letters(hanne, round_id, cast.units["team_c"], 500)
    assert _hashes(database) == before


def test_hr_of_a_department_reaches_its_own_people_only(
    client_of: ClientOf, cast: Cast, round_id: UUID
) -> None:
    hugo = client_of("Hugo")
    page = hugo.get(f"/hr/rounds/{round_id}/letters").html
    assert str(cast.units["team_b"]) in page
    assert str(cast.units["team_c"]) not in page
    print_letters(hugo, round_id, cast.units["team_c"], 422)
    print_letters(hugo, round_id, cast.units["team_b"], 422, numbers="1018")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"numbers": "1018, 4711"}, "medarbejdernummer 4711"),
        ({"unit": "team_b"}, "Ingen der har brug for et brev"),
        ({"kind": "posters"}, "På hvad?:"),
        ({"unit": "moon"}, "Enhed, med alle enheder under den:"),
        ({"to_whom": "cats"}, "Til hvem?:"),
    ],
)
def test_what_cannot_be_printed_is_said_and_stores_nothing(
    client_of: ClientOf,
    cast: Cast,
    round_id: UUID,
    database: Database,
    fields: dict[str, str],
    says: str,
) -> None:
    unit = fields.get("unit", "organisation")
    given = {**fields, "unit": str(cast.units.get(unit, unit))}
    shown = print_letters(client_of("Hanne"), round_id, uuid4(), 422, **given)
    assert says in shown.text
    assert _hashes(database) == []


def test_too_many_at_once_is_said(
    client_of: ClientOf, cast: Cast, round_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed_codes, "MOST_AT_ONCE", 2)
    shown = print_letters(client_of("Hanne"), round_id, cast.units["organisation"], 422)
    assert "Der kan højst laves 2 breve ad gangen" in shown.text


@needs_pdf
def test_letters_can_be_made_before_the_round_opens_for_who_works_there_then(
    client_of: ClientOf, cast: Cast, rounds: RoundRunner, round_id: UUID
) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        opens_on = planned.opens_at.date()
        session.execute(
            update(Membership)
            .where(Membership.person_id == cast.people["Ulla"])
            .values(until_day=opens_on)
        )
        session.get_one(Person, cast.people["Eva"]).status = PersonStatus.DISABLED
    shown = print_letters(client_of("Hanne"), planned.id, cast.units["organisation"])
    text = text_of(shown)
    assert full_name_of("Otto") in text
    assert full_name_of("Ulla") not in text
    assert full_name_of("Eva") not in text


@pytest.mark.parametrize(
    "state",
    [s for s in RoundState if s not in (RoundState.PLANNED, RoundState.OPEN)],
)
def test_there_are_no_letters_for_a_round_that_is_over(
    client_of: ClientOf, database: Database, round_id: UUID, state: RoundState
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Round).where(Round.id == round_id).values(state=state))
    client_of("Hanne").get(f"/hr/rounds/{round_id}/letters", 404)


def test_without_what_draws_pdfs_the_page_says_so_and_nothing_is_issued(
    client_of: ClientOf,
    cast: Cast,
    round_id: UUID,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letter_routes, "can_render_pdf", lambda: False)
    hanne = client_of("Hanne")
    assert "Der kan ikke laves PDF" in hanne.get(f"/hr/rounds/{round_id}/letters").text
    print_letters(hanne, round_id, cast.units["team_c"], 404)
    assert _hashes(database) == []


def test_the_page_of_rounds_leads_to_the_letters(client_of: ClientOf, round_id: UUID) -> None:
    assert f"/hr/rounds/{round_id}/letters" in client_of("Hanne").get("/hr/rounds").html


def _hashes(database: Database) -> list[str]:
    with database.reading(Reach.EVERYTHING) as session:
        return sorted(session.scalars(select(CheckInCode.code_hash)))

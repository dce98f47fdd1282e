"""The anonymity report as everybody reads it: plain words first, exact figures below, and a PDF."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from tests.cast import WHO_PLAYS, Cast, full_name_of
from tests.rounds import STEADY, WORN, RoundRunner
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import EITHER_LANGUAGE
from wellbeing.actions.anonymity import ROUND_ACTS
from wellbeing.actions.reads import Opened, record_opened
from wellbeing.domain.actor import Actor
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.publication import Reason
from wellbeing.domain.roles import WORKPLACE_READERS, Role
from wellbeing.pdf import can_render_pdf
from wellbeing.store.personal import Participation
from wellbeing.store.published import PublishedFigure
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.employee import anonymity_views
from wellbeing.web.employee.anonymity_words import (
    EVENT_WORDS,
    READER_WORDS,
    say_known,
    say_size,
    say_withheld,
)

EVERYBODY = pytest.mark.parametrize("name", [*WHO_PLAYS.values(), "Hugo"])
needs_pdf = pytest.mark.skipif(not can_render_pdf(), reason="No PDF can be made on this machine.")


@pytest.fixture
def published(rounds: RoundRunner, cast: Cast, clock: Clock) -> UUID:
    """A published round that eight people of Anemonen and seven of Bøgen answered."""
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), WORN)
    rounds.answer_all(round_id, cast.members_of("team_b"), STEADY)
    assert rounds.publish(round_id)
    clock.forward(days=16)
    rounds.now = clock.now()
    return round_id


@EVERYBODY
def test_the_report_is_the_same_for_everybody(
    client_of: ClientOf, published: UUID, name: str
) -> None:
    path = f"/anonymity/{published}"
    shown = client_of(name, language="en").get(path).html.split("<main")[1]
    assert shown == client_of("Tom", language="en").get(path).html.split("<main")[1]


@on_both_databases
@EITHER_LANGUAGE
def test_the_report_says_plainly_what_holds(
    client_of: ClientOf, published: UUID, language: str
) -> None:
    text = client_of("Eva", language=language).get(f"/anonymity/{published}").text
    says = {
        "en": (
            "The promise holds",
            "Nothing of it is left in the database",
            "The key to the answers was destroyed on 17 February 2026",
            "2 groups of people were given figures",
            "The smallest group has 5–9 complete answers.",
            "their own and a colleague's, cannot show that anybody else is in the strained half",
            "No rule prevents that.",
            "wellbeing published --format json",
            "docs/audit_record.py",
        ),
        "da": (
            "Løftet holder",
            "Der er intet af det tilbage i databasen",
            "Nøglen til svarene blev destrueret 17. februar 2026",
            "2 grupper fik tal",
            "Den mindste gruppe har 5–9 fulde besvarelser.",
            "sit eget og en kollegas, kan ikke påvise, at nogen anden ligger i den belastede",
            "Det kan ingen regel forhindre.",
            "wellbeing published --format json",
            "docs/audit_record.py",
        ),
    }
    for sentence in says[language]:
        assert sentence in text


def test_plain_words_come_before_exact_figures(client_of: ClientOf, published: UUID) -> None:
    text = client_of("Eva", language="en").get(f"/anonymity/{published}").text
    plain, exact = text.split("The exact figures")
    assert "The reader knows" not in plain
    assert "only what was published" in exact
    assert "Complete answers in the smallest 7" in exact
    assert str(published) in exact


def test_the_report_names_neither_people_nor_units_nor_their_figures(
    client_of: ClientOf, published: UUID, cast: Cast
) -> None:
    page = client_of("Eva", language="en").get(f"/anonymity/{published}")
    main = page.text.split("Back to all reports")[1]
    for unit in ("Anemonen", "Bøgen", "Bostøtte"):
        assert unit not in main
    for name, person in cast.people.items():
        assert full_name_of(name) not in main
        assert str(person) not in page.html


def test_withheld_units_are_counted_with_their_reasons(
    client_of: ClientOf, published: UUID
) -> None:
    text = client_of("Eva", language="en").get(f"/anonymity/{published}").text
    section = text.split("What was withheld, and why")[1].split("What a reader can work out")[0]
    assert re.search(r"\d unit", section)
    assert "never on what they answered" in section


def test_whoever_knows_more_than_is_promised_for_learns_only_that_somebody_does_well(
    client_of: ClientOf, rounds: RoundRunner, cast: Cast
) -> None:
    well = (
        5,
        1,
        5,
        5,
        1,
        5,
        1,
        1,
        1,
        1,
        1,
        5,
        1,
        1,
        5,
        5,
        5,
        5,
        1,
        5,
        1,
        5,
        1,
        5,
        1,
        1,
        5,
        1,
        5,
        5,
    )
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), well)
    assert rounds.publish(round_id)
    text = client_of("Eva", language="en").get(f"/anonymity/{round_id}").text
    assert "0 points: exactly" in text
    assert "is that somebody does well, at the closest the exact score" in text
    assert "The promise holds" in text


def test_a_broken_promise_is_said_aloud(
    client_of: ClientOf, database: Database, published: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        burnout = PublishedFigure.scale == "BO"
        values = {"point": 50, "low": 49.5, "high": 50.0, "kind": "or_more"}
        session.execute(update(PublishedFigure).where(burnout).values(values))
    text = client_of("Eva", language="en").get(f"/anonymity/{published}").text
    assert "The promise does not hold everywhere" in text
    assert "Ask the data-protection officer" in text
    assert "cannot show that anybody else" not in text


def test_rows_that_should_be_gone_are_said_aloud(
    client_of: ClientOf, database: Database, cast: Cast, published: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        person = cast.people["Eva"]
        session.add(Participation(round_id=published, person_id=person, done=True))
    text = client_of("Tom", language="en").get(f"/anonymity/{published}").text
    assert "Some of it is still in the database." in text
    assert "Nothing of it is left" not in text


def test_a_round_that_showed_nothing_says_so(
    client_of: ClientOf, rounds: RoundRunner, cast: Cast
) -> None:
    round_id = rounds.open()
    rounds.answer(round_id, cast.people["Eva"])
    assert rounds.publish(round_id)
    page = client_of("Tom", language="en").get(f"/anonymity/{round_id}")
    assert "Nothing was shown" in page.text
    assert "<table" not in page.html


def test_who_has_looked_is_told_by_role_and_never_by_name(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, published: UUID
) -> None:
    with database.writing(Reach.WORKPLACE) as session:
        for days in range(3):
            moment = clock.now() + timedelta(days=days)
            one = Opened(
                "figures.read",
                str(cast.units["team_a"]),
                frozenset({Role.LEADER}),
                moment.date(),
                (("round", str(published)),),
            )
            record_opened(session, [one], now=moment, by=Actor.person(cast.people["Lis"]))
    text = client_of("Eva", language="en").get(f"/anonymity/{published}").text
    assert "Leaders 3 times HR 0 times Safety representatives 0 times" in text


@EITHER_LANGUAGE
def test_the_list_has_a_report_for_every_published_round_newest_first(
    client_of: ClientOf, rounds: RoundRunner, clock: Clock, published: UUID, language: str
) -> None:
    rounds.forward(days=80)
    second = rounds.open()
    assert rounds.publish(second)
    rounds.forward(days=95)
    still_open = rounds.open()
    page = client_of("Eva", language=language).get("/anonymity")
    assert page.html.index(str(second)) < page.html.index(str(published))
    assert str(still_open) not in page.html
    assert {"en": "closed on 16 February 2026", "da": "lukket den 16. februar 2026"}[
        language
    ] in page.text


@EITHER_LANGUAGE
def test_without_a_published_round_the_list_is_kind(client_of: ClientOf, language: str) -> None:
    says = {"en": "No round has been published yet", "da": "ikke offentliggjort nogen runde"}
    assert says[language] in client_of("Eva", language=language).get("/anonymity").text


def test_the_privacy_page_and_the_front_page_lead_there(client_of: ClientOf) -> None:
    eva = client_of("Eva")
    for path in ("/", "/privacy"):
        assert 'href="/anonymity"' in eva.get(path).html


@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_a_round_that_is_open_or_does_not_exist_has_no_report(
    client_of: ClientOf, open_round: UUID, ending: str
) -> None:
    for round_id in (open_round, uuid4()):
        client_of("Eva").get(f"/anonymity/{round_id}{ending}", 404)


@needs_pdf
@EITHER_LANGUAGE
def test_the_pdf_says_the_same_as_the_page(
    client_of: ClientOf, published: UUID, language: str, tmp_path: Path
) -> None:
    eva = client_of("Eva", language=language)
    page = eva.get(f"/anonymity/{published}")
    assert f"/anonymity/{published}.pdf" in page.html
    shown = eva.get(f"/anonymity/{published}.pdf")
    assert shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Disposition"].startswith("attachment")
    document = shown.response.get_data()
    assert document.startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        file = tmp_path / "report.pdf"
        file.write_bytes(document)
        done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
        words = " ".join(done.stdout.decode().split())
        promise = {"en": "The promise holds", "da": "Løftet holder"}[language]
        assert promise in words
        assert str(published) in words


def test_where_no_pdf_can_be_made_there_is_no_link_and_no_address(
    client_of: ClientOf, published: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymity_views, "can_render_pdf", lambda: False)
    eva = client_of("Eva")
    assert ".pdf" not in eva.get(f"/anonymity/{published}").html
    eva.get(f"/anonymity/{published}.pdf", 404)


def test_every_event_reader_and_reason_has_words() -> None:
    assert set(EVENT_WORDS) == set(ROUND_ACTS)
    assert set(READER_WORDS) == set(WORKPLACE_READERS)
    assert len({say_withheld(reason, 2) for reason in Reason}) == len(Reason)


@pytest.mark.parametrize(
    ("answers", "says"), [(4, "fewer than 5"), (5, "5–9"), (19, "10–19"), (60, "50 or more")]
)
def test_a_number_of_answers_is_a_range(answers: int, says: str) -> None:
    assert say_size(answers, load_rules()) == says


def test_what_is_known_besides_has_words_for_any_number() -> None:
    assert len({say_known(answers) for answers in range(5)}) == 5

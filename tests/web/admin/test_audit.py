"""The audit log as administrators and the data-protection officer read it."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import text

import wellbeing
from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions.audit_check import SHORTENED
from wellbeing.actions.audit_log import ANCHORED, LOG_SUBJECT, record
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.admin import wording
from wellbeing.web.shared.reads import Shows


def write_down(database: Database, clock: Clock, by: Actor, *subjects: str) -> None:
    """Appends one event per subject."""
    with database.writing(Reach.ADMIN) as session:
        for subject in subjects:
            record(session, "person.link_sent", subject, by=by, now=clock.now(), count=3)


def sources() -> dict[str, ast.Module]:
    """The program's own text, but for the words of acts."""
    package = Path(wellbeing.__file__).parent
    return {
        str(path): ast.parse(path.read_text())
        for path in package.rglob("*.py")
        if path != Path(wording.__file__)
    }


def test_every_act_has_words_and_no_words_lack_an_act() -> None:
    recorded, said = set(), set()
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                recorded |= {n.value for n in ast.walk(node.args[1]) if isinstance(n, ast.Constant)}
    assert {ANCHORED, SHORTENED, *(shows.value for shows in Shows), *recorded} <= set(wording.ACTS)
    assert set(wording.ACTS) <= said


def test_a_log_without_entries_says_so(client_of: ClientOf) -> None:
    assert "Ikke noget endnu" in client_of("Adam").get("/admin/audit").text


@pytest.mark.asvs("16.4.2")
@on_both_databases
@pytest.mark.parametrize("name", ["Adam", "Dina"])
def test_the_log_names_people_and_says_that_it_is_unbroken(
    name: str, client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    people = cast.people
    write_down(database, clock, Actor.person(people["Adam"]), str(people["Eva"]), "import")
    shown = client_of(name).get("/admin/audit")
    assert "Adam Ravn Sendte et link Eva Holm count: 3" in shown.text
    assert "2. februar 2026 kl. 10.00" in shown.text
    assert "Loggen er ubrudt" in shown.text
    assert str(people["Eva"]) not in shown.html


def test_the_newest_comes_first(client_of: ClientOf, database: Database, clock: Clock) -> None:
    write_down(database, clock, Actor.job("close_rounds"), "first", "second")
    shown = client_of("Dina").get("/admin/audit").text
    assert shown.index("second") < shown.index("first")
    assert "job:close_rounds" in shown


def test_the_log_comes_in_pages_of_fifty(
    client_of: ClientOf, database: Database, clock: Clock
) -> None:
    write_down(database, clock, Actor.command("init"), *(f"subject {n}." for n in range(51)))
    dina = client_of("Dina")
    assert "subject 0." not in dina.get("/admin/audit").text
    second = dina.get("/admin/audit?page=2")
    assert "subject 0." in second.text
    # The oldest, and the next but one: that Dina opened the log is an entry by now.
    assert second.html.count('<th scope="row"') == 2


@on_both_databases
@pytest.mark.parametrize(
    ("damage", "number"),
    [
        ("UPDATE audit_event SET subject = 'other' WHERE number = 2", 2),
        ("DELETE FROM audit_event WHERE number = 2", 2),
        ("DELETE FROM audit_event WHERE number = 1", 1),
        ("UPDATE audit_event SET previous_hash = hash WHERE number = 3", 3),
    ],
)
def test_a_changed_log_is_told_at_its_first_break(
    damage: str, number: int, client_of: ClientOf, database: Database, clock: Clock
) -> None:
    write_down(database, clock, Actor.command("init"), "one", "two", "three")
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(text(damage))
    shown = client_of("Dina").get("/admin/audit").text
    assert f"Loggen hænger ikke sammen ved nummer {number}" in shown
    assert "Loggen er ubrudt" not in shown


def test_people_and_units_are_named_inside_the_details_too(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    grant = f"{cast.people['Lis']} leader {cast.units['team_a']}"
    with database.writing(Reach.ADMIN) as session:
        by = Actor.command("import-staff")
        left = [str(cast.people["Dan"]), str(cast.people["Tom"])]
        record(session, "staff.imported", "staff", by=by, now=clock.now(), roles=[grant], left=left)
    shown = client_of("Dina").get("/admin/audit").text
    assert "roles: Lis Vestergaard leader Anemonen" in shown
    assert "left: Dan Hauge, Tom Bæk" in shown


def test_entries_are_chosen_by_act_name_and_day(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    write_down(database, clock, Actor.person(cast.people["Adam"]), str(cast.people["Eva"]))
    clock.forward(days=3)
    write_down(database, clock, Actor.command("init"), "another")
    dina = client_of("Dina")
    every = dina.get("/admin/audit")
    assert "Not a valid" not in every.html
    assert "Eva Holm" in every.text
    for query, is_found in (
        ("who=eva", True),
        ("who=RAVN+adam", True),
        ("who=tom", False),
        ("act=person.link_sent&from=2026-02-02&until=2026-02-02", True),
        ("from=2026-02-03", False),
        ("until=2026-02-01", False),
        ("act=round.opened", False),
    ):
        shown = dina.get(f"/admin/audit?{query}")
        assert ("Eva Holm" in shown.text) == is_found, query
        assert "Loggen er ubrudt" not in shown.text
    odd = dina.get("/admin/audit?act=no-such-act&from=soon")
    assert "Eva Holm" in odd.text


def test_the_page_says_when_the_log_was_anchored_and_when_that_is_late_or_did_not_fit(
    client_of: ClientOf, database: Database, clock: Clock
) -> None:
    write_down(database, clock, Actor.command("init"), "one")
    dina = client_of("Dina")
    assert "Endnu ikke forankret" in dina.get("/admin/audit").text
    for whole in (True, False):
        with database.writing(Reach.EVERYTHING) as session:
            told = {"number": 1, "hash": "a" * 64, "whole": whole}
            by = Actor.job("anchor-log")
            record(session, ANCHORED, LOG_SUBJECT, by=by, now=clock.now(), **told)
        shown = dina.get("/admin/audit").text
        assert "Sidst forankret uden for databasen: 2. februar 2026" in shown
        assert ("passede ikke" in shown) != whole
        assert "ankeret mangler" not in shown
    with database.writing(Reach.EVERYTHING) as session:
        record(
            session, ANCHORED, LOG_SUBJECT, by=by, now=clock.now(), number=1, hash="a", whole=True
        )
    assert "daglige anker mangler" not in dina.get("/admin/audit").text
    clock.forward(days=3)
    assert "daglige anker mangler" in client_of("Dina").get("/admin/audit").text

"""Putting a suggestion off on the pages of HR, and taking a closing back."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.hr.conftest import Ids
from wellbeing.store.audit import AuditEvent
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

WHY = "Supervisionen begynder i uge 10."
TWO_WEEKS = {"wait": "2", "because": WHY}


def flag_of(database: Database, flag_id: UUID) -> Flag:
    """The flag as it stands."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.get_one(Flag, flag_id)


def acts(database: Database) -> list[str]:
    """What the audit log says happened to flags."""
    query = select(AuditEvent.act).where(AuditEvent.act.startswith("flag."))
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(query.order_by(AuditEvent.number)))


@on_both_databases
def test_a_snoozed_suggestion_leaves_what_comes_first_and_is_back_on_its_day(
    client_of: ClientOf, database: Database, ids: Ids, clock: Clock
) -> None:
    browser = client_of("Hanne", language="en")
    browser.post(f"/hr/flags/{ids['flag_id']}/snooze", TWO_WEEKS)
    text = browser.get("/hr").text
    first, _, snoozed = text.partition("Sessions to come")[0].partition("Snoozed until")
    assert "Offer supervision" not in first.split("First of all")[1].split("Snoozed")[0]
    assert f"16 February 2026: {WHY}" in snoozed
    clock.forward(days=14)
    text = client_of("Hanne", language="en").get("/hr").text
    assert "Snoozed until" not in text
    assert "Offer supervision" in text.split("First of all")[1]


def test_it_can_be_taken_up_again_at_once(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/snooze", TWO_WEEKS)
    assert "Snoozed until 16 February 2026" in browser.get(path).text
    assert browser.post(f"{path}/wake").location == path
    assert "Snoozed until" not in browser.get(path).text
    browser.post(f"{path}/wake")
    assert acts(database) == ["flag.snoozed", "flag.woken"]


@pytest.mark.parametrize(("weeks", "day"), [("2", 14), ("4", 28), ("8", 56)])
def test_it_waits_for_as_many_weeks_as_were_chosen(
    client_of: ClientOf, database: Database, ids: Ids, clock: Clock, weeks: str, day: int
) -> None:
    path = f"/hr/flags/{ids['flag_id']}/snooze"
    # A day left in the other field counts for nothing.
    client_of("Hanne").post(path, {**TWO_WEEKS, "wait": weeks, "until_day": "2026-02-05"})
    until = clock.now().date() + timedelta(days=day)
    assert flag_of(database, ids["flag_id"]).snoozed_until == until


def test_it_waits_until_the_day_that_was_chosen(
    client_of: ClientOf, database: Database, ids: Ids, clock: Clock
) -> None:
    until = clock.now().date() + timedelta(days=92)
    data = {"wait": "day", "until_day": until.isoformat(), "because": WHY}
    client_of("Hanne").post(f"/hr/flags/{ids['flag_id']}/snooze", data)
    assert flag_of(database, ids["flag_id"]).snoozed_until == until


@pytest.mark.parametrize(
    "changes",
    [
        {"because": ""},
        {"because": " \n "},
        {"because": "x" * 401},
        {"wait": ""},
        {"wait": "52"},
        {"wait": "day"},
        {"wait": "day", "until_day": "2026-02-02"},
        {"wait": "day", "until_day": "2026-05-06"},
        {"wait": "day", "until_day": "31.12.2026"},
    ],
)
@pytest.mark.parametrize("language", ["da", "en"])
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(
    client_of: ClientOf, database: Database, ids: Ids, changes: dict[str, str], language: str
) -> None:
    path = f"/hr/flags/{ids['flag_id']}/snooze"
    page = client_of("Hanne", language=language).post(path, {**TWO_WEEKS, **changes}, 422)
    assert changes.get("because", WHY).strip() in page.text
    assert flag_of(database, ids["flag_id"]).snoozed_until is None
    assert acts(database) == []


def test_a_suggestion_with_a_session_is_not_snoozed(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/schedule", answers)
    browser.post(f"{path}/snooze", TWO_WEEKS)
    page = browser.get(path)
    assert "nothing to put off" in page.text
    assert "/snooze" not in page.html


def test_a_snoozed_suggestion_can_still_be_answered(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/snooze", TWO_WEEKS)
    assert f"{path}/schedule" in browser.get(path).html
    browser.post(f"{path}/schedule", answers)
    assert flag_of(database, ids["flag_id"]).state is FlagState.ANSWERED
    assert "Snoozed until" not in browser.get("/hr").text


def test_a_closing_can_be_taken_back_for_two_weeks(
    client_of: ClientOf, database: Database, ids: Ids, clock: Clock
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/close", {"reason": "I gang"})
    assert "Until 16 February 2026 you can take this back." in browser.get(path).text
    clock.forward(days=14)
    browser = client_of("Hanne", language="en")
    browser.post(f"{path}/reopen")
    page = browser.get(path)
    assert "The suggestion is open again." in page.text
    assert f"{path}/schedule" in page.html
    assert acts(database) == ["flag.closed", "flag.reopened"]


def test_after_two_weeks_a_closing_stays(
    client_of: ClientOf, database: Database, ids: Ids, clock: Clock
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/close", {"reason": "I gang"})
    clock.forward(days=15)
    browser = client_of("Hanne", language="en")
    assert "/reopen" not in browser.get(path).html
    browser.post(f"{path}/reopen")
    assert "within 14 days" in browser.get(path).text
    assert flag_of(database, ids["flag_id"]).state is FlagState.CLOSED


@pytest.mark.parametrize("act", ["snooze", "wake", "reopen"])
def test_hr_of_another_department_can_do_none_of_it(
    client_of: ClientOf, database: Database, ids: Ids, act: str
) -> None:
    client_of("Hugo").post(f"/hr/flags/{ids['flag_id']}/{act}", TWO_WEEKS, 404)
    assert acts(database) == []


@pytest.mark.parametrize("name", ["Lis", "Sara", "Eva", "Susan", "Adam", "Dina"])
def test_nobody_but_hr_can_put_a_suggestion_off(
    client_of: ClientOf, database: Database, cast: Cast, ids: Ids, name: str
) -> None:
    client_of(name).post(f"/hr/flags/{ids['flag_id']}/snooze", TWO_WEEKS, 404)
    assert flag_of(database, ids["flag_id"]).snoozed_until is None


def test_the_rule_behind_a_suggestion_is_one_press_away(
    client_of: ClientOf, ids: Ids, other_flag: UUID
) -> None:
    page = client_of("Hanne").get(f"/hr/flags/{other_flag}")
    assert 'href="/flag-rules#sts-up"' in page.html

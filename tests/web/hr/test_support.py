"""From a suggestion to a session on the pages of HR."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.hr.conftest import Ids
from wellbeing.domain.flag_rules import Suggestion, load_flag_rules
from wellbeing.domain.flags import FlagReason
from wellbeing.domain.instrument import Scale
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.accounts import Person, RoleGrant
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Unit
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.hr.words import SUGGESTED_FORM
from wellbeing.web.shared.flag_words import ACTIONS, REASONS

RISEN = {
    "scale": "BO",
    "reason": "rose",
    "before": 24,
    "now": 29,
    "now_kind": "or_more",
    "rounds": 2,
    "reference": None,
    "actions": ["workload", "roles"],
    "guidance": [{"id": "x", "title": "En kilde", "link": "https://kilde.example/"}],
}


def set_figures(database: Database, flag_id: UUID, figures: Any) -> None:
    """What the publish action found."""
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Flag, flag_id).figures = figures


def set_state(database: Database, flag_id: UUID, state: FlagState) -> None:
    """Puts a flag into a state without its act."""
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Flag, flag_id).state = state


def state_of(database: Database, flag_id: UUID) -> FlagState:
    """Where the flag has got to."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.get_one(Flag, flag_id).state


def count(database: Database, table: type[Any]) -> int:
    """How many rows there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_flag_says_why_with_its_figures_and_what_may_help(
    client_of: ClientOf, database: Database, ids: Ids, language: str
) -> None:
    set_figures(database, ids["flag_id"], RISEN)
    page = client_of("Hanne", language=language).get(f"/hr/flags/{ids['flag_id']}")
    assert 'href="https://kilde.example/"' in page.html
    if language == "en":
        assert "Signs of burnout have risen." in page.text
        assert "about 24" in page.text
        assert "29 or more" in page.text
        assert "the latest 2 rounds with the rounds before them" in page.text
        assert "Make clear who does what" in page.text


def test_a_level_is_told_beside_the_reference(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    figures = {"scale": "CS", "reason": "below_reference", "now": 31, "reference": 37.7}
    set_figures(database, ids["flag_id"], figures)
    text = client_of("Hanne", language="en").get(f"/hr/flags/{ids['flag_id']}").text
    assert "The satisfaction of helping others lies clearly below what is found elsewhere." in text
    assert "about 38 in studies" in text


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"scale": "XX", "reason": 7, "before": "24", "now": None, "rounds": [], "actions": "all"},
        {"guidance": ["no-such-source", {"link": "x"}, 3], "actions": ["no-such-action"]},
        {"guidance": [{"title": "Titel", "link": "javascript:alert(1)"}]},
    ],
)
def test_figures_with_gaps_still_make_a_page(
    client_of: ClientOf, database: Database, ids: Ids, figures: dict[str, object]
) -> None:
    set_figures(database, ids["flag_id"], figures)
    page = client_of("Hanne", language="en").get(f"/hr/flags/{ids['flag_id']}")
    assert "The published figures call for support." in page.text
    assert "javascript:" not in page.html


def test_a_source_known_by_its_id_is_found_in_the_rules(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    source = load_flag_rules().rows[0].guidance[0]
    set_figures(database, ids["flag_id"], {"guidance": [source.id]})
    assert source.title in client_of("Hanne").get(f"/hr/flags/{ids['flag_id']}").text


def test_every_rule_of_the_house_has_its_words() -> None:
    assert set(ACTIONS) == set(Suggestion)
    assert set(SUGGESTED_FORM) == {rule.kind for rule in load_flag_rules().rows}
    reasons = {
        (Scale.BO, FlagReason.ROSE),
        (Scale.BO, FlagReason.ABOVE_REFERENCE),
        (Scale.STS, FlagReason.ROSE),
        (Scale.STS, FlagReason.ABOVE_REFERENCE),
        (Scale.CS, FlagReason.FELL),
        (Scale.CS, FlagReason.BELOW_REFERENCE),
    }
    assert set(REASONS) == reasons


@on_both_databases
def test_closing_a_suggestion_keeps_the_reason(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    browser = client_of("Hanne", language="en")
    path = f"/hr/flags/{ids['flag_id']}"
    assert browser.post(f"{path}/close", {"reason": "Er i gang <b>nu</b>"}).location == "/hr"
    page = browser.get(path)
    assert "Er i gang <b>nu</b>" in page.text
    assert "Schedule support" not in page.text
    assert state_of(database, ids["flag_id"]) is FlagState.CLOSED


def test_a_suggestion_with_a_session_is_not_closed(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}"
    browser.post(f"{path}/schedule", answers)
    browser.post(f"{path}/close", {"reason": ""}, 422)
    browser.post(f"{path}/close", {"reason": "Alligevel ikke"})
    assert "Cancel the session first" in browser.get(path).text
    assert state_of(database, ids["flag_id"]) is FlagState.ANSWERED


@pytest.mark.parametrize("reason", ["", "   ", "x" * 401])
def test_closing_needs_a_reason(
    client_of: ClientOf, database: Database, ids: Ids, reason: str
) -> None:
    path = f"/hr/flags/{ids['flag_id']}/close"
    page = client_of("Hanne").post(path, {"reason": reason}, 422)
    assert "Se lige på det her en gang til" in page.text
    assert state_of(database, ids["flag_id"]) is FlagState.RAISED


@pytest.mark.parametrize(
    ("flag", "form"), [("team_a", "team_supervision"), ("team_b", "debriefing")]
)
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_form_that_fits_the_suggestion_is_chosen_beforehand(
    client_of: ClientOf, ids: Ids, other_flag: UUID, flag: str, form: str, language: str
) -> None:
    flag_id = ids["flag_id"] if flag == "team_a" else other_flag
    page = client_of("Hanne", language=language).get(f"/hr/flags/{flag_id}/schedule")
    assert f'selected value="{form}"' in page.html
    offered = {known for known in SupportForm if f'value="{known.value}"' in page.html}
    assert offered == set(load_support_rules().forms_for(Booker.UNIT))


@on_both_databases
def test_scheduling_leads_to_the_session_with_everyone_invited(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    shown = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", answers)
    page = browser.get(shown.location)
    assert "The session is scheduled, and the invitations are on their way." in page.text
    assert "Monday, 9 February 2026 at 13:00" in page.text
    assert "Mødelokale 3" in page.text
    assert "9 people" in page.text
    assert state_of(database, ids["flag_id"]) is FlagState.ANSWERED


def test_sending_the_form_twice_makes_one_session(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    path = f"/hr/flags/{ids['flag_id']}/schedule"
    first = browser.post(path, answers)
    letters = count(database, OutboxMessage)
    second = browser.post(path, answers)
    assert first.location == second.location
    assert "The session is scheduled" in browser.get(second.location).text
    assert count(database, OutboxMessage) == letters
    assert count(database, SupportSession) == 2


def test_a_colleague_who_was_slower_is_shown_the_session_there_is(
    client_of: ClientOf, ids: Ids, answers: dict[str, str]
) -> None:
    path = f"/hr/flags/{ids['flag_id']}/schedule"
    client_of("Hanne").post(path, answers)
    other = client_of("Hanne", language="en")
    shown = other.post(path, {**answers, "start": "09:00"})
    assert "Support had already been scheduled here." in other.get(shown.location).text
    assert other.get(path, 302).location == shown.location


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"day": "2026-02-01"}, "passed"),
        ({"day": "2026-03-29", "start": "02:30"}, "does not exist"),
        ({"day": "2026-10-25", "start": "02:30"}, "comes twice"),
        ({"day": "0001-01-01"}, "passed"),
        ({"day": "9999-12-31"}, "a year ahead"),
        ({"day": "mandag"}, "date"),
        ({"start": "ni"}, "time"),
        ({"length": "0"}, "between 15 and 480"),
        ({"length": "9" * 30}, "between 15 and 480"),
        ({"place": "\u200b"}, "where it is"),
        ({"place": "x" * 201}, "200"),
        ({"supervisor": ""}, "required"),
        ({"supervisor": str(uuid4())}, "choice"),
        ({"supervisor": "Susan"}, "choice"),
        ({"form": "team_building"}, "choice"),
    ],
)
def test_a_session_that_cannot_be_is_said_and_the_rest_is_kept(
    client_of: ClientOf,
    database: Database,
    ids: Ids,
    answers: dict[str, str],
    changes: dict[str, str],
    says: str,
) -> None:
    browser = client_of("Hanne", language="en")
    page = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", {**answers, **changes}, 422)
    assert says in page.text
    assert "place" in changes or 'value="Mødelokale 3"' in page.html
    assert count(database, SupportSession) == 1


def test_a_supervisor_who_is_taken_is_said_in_danish(
    client_of: ClientOf, ids: Ids, other_flag: UUID, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne")
    browser.post(f"/hr/flags/{ids['flag_id']}/schedule", answers)
    page = browser.post(f"/hr/flags/{other_flag}/schedule", answers, 422)
    assert "Supervisoren er optaget på det tidspunkt" in page.text


def test_without_supervisors_the_page_says_what_to_do(
    client_of: ClientOf, database: Database, cast: Cast, ids: Ids
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        susan = RoleGrant.person_id == cast.people["Susan"]
        session.delete(session.scalars(select(RoleGrant).where(susan)).one())
    page = client_of("Hanne", language="en").get(f"/hr/flags/{ids['flag_id']}/schedule")
    assert "Ask the administrator" in page.text
    assert "<select" not in page.html


def test_a_closed_suggestion_cannot_be_scheduled(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    set_state(database, ids["flag_id"], FlagState.CLOSED)
    browser, path = client_of("Hanne"), f"/hr/flags/{ids['flag_id']}/schedule"
    assert browser.get(path, 302).location == f"/hr/flags/{ids['flag_id']}"
    assert "Forslaget er lukket" in browser.post(path, answers, 422).text


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_session_shows_numbers_and_names_nobody_invited(
    client_of: ClientOf, database: Database, cast: Cast, ids: Ids, language: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Gry"]).email = None
    page = client_of("Hanne", language=language).get(f"/hr/sessions/{ids['session_id']}")
    assert "Susan Clarke" in page.text
    assert {"da": "8 personer", "en": "8 people"}[language] in page.text
    assert {"da": "1 af dem har ingen", "en": "1 of them has no"}[language] in page.text
    assert not any(name in page.text for name in ("Eva", "Gry", "Tom"))


def test_how_it_went_is_written_down(client_of: ClientOf, database: Database, ids: Ids) -> None:
    browser = client_of("Hanne", language="en")
    path = f"/hr/sessions/{ids['session_id']}"
    browser.post(f"{path}/record", {"attended": "6"})
    assert "Held; 6 people came" in browser.get(path).text
    assert "6 people came" in browser.get("/hr").text
    assert "Write down how it went" not in browser.get("/hr").text


@pytest.mark.parametrize("attended", ["", "-1", "9", "9" * 30, "seks"])
def test_a_number_that_cannot_be_is_not_written_down(
    client_of: ClientOf, database: Database, ids: Ids, attended: str
) -> None:
    path = f"/hr/sessions/{ids['session_id']}/record"
    client_of("Hanne").post(path, {"attended": attended}, 422)
    with database.reading(Reach.WORKPLACE) as session:
        found = session.get_one(SupportSession, ids["session_id"])
    assert (found.state, found.attended_count) == (SessionState.SCHEDULED, None)


def test_a_session_to_come_cannot_be_written_down(
    client_of: ClientOf, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    path = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", answers).location
    assert "Write down how it went" not in browser.get(path).text
    assert "nothing to write down" in browser.get(f"{path}/record").text
    browser.post(f"{path}/record", {"attended": ""}, 422)
    assert "once it has begun" in browser.post(f"{path}/record", {"attended": "5"}, 422).text


def test_a_cancelled_session_lets_the_suggestion_wait_again(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    path = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", answers).location
    browser.post(f"{path}/cancel")
    page = browser.get(path)
    assert "everyone invited is told" in page.text
    assert "Cancelled" in page.text
    assert state_of(database, ids["flag_id"]) is FlagState.RAISED
    assert f"/hr/flags/{ids['flag_id']}/schedule" in browser.get("/hr").html


def test_a_session_that_was_held_cannot_be_cancelled(
    client_of: ClientOf, clock: Clock, ids: Ids
) -> None:
    browser = client_of("Hanne", language="en")
    path = f"/hr/sessions/{ids['session_id']}"
    browser.post(f"{path}/record", {"attended": "6"})
    browser.post(f"{path}/cancel")
    assert "cannot be cancelled" in browser.get(path).text


def test_a_unit_that_has_closed_leaves_its_session_to_hr_of_the_whole(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, ids: Ids
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_a"]).closed_on = clock.now().date()
    browser = client_of("Hanne")
    assert "Anemonen" in browser.get(f"/hr/sessions/{ids['session_id']}").text
    assert "Anemonen" in browser.get("/hr").text


ADDRESSES = [
    ("GET", "/hr/flags/{flag_id}"),
    ("POST", "/hr/flags/{flag_id}/close"),
    ("GET", "/hr/flags/{flag_id}/schedule"),
    ("POST", "/hr/flags/{flag_id}/schedule"),
    ("GET", "/hr/sessions/{session_id}"),
    ("POST", "/hr/sessions/{session_id}/cancel"),
    ("POST", "/hr/sessions/{session_id}/record"),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
@pytest.mark.parametrize("who", ["Hugo", "Hanne"])
def test_another_units_and_nobodys_ids_are_not_found(
    client_of: ClientOf,
    database: Database,
    ids: Ids,
    answers: dict[str, str],
    method: str,
    address: str,
    who: str,
) -> None:
    known = ids if who == "Hugo" else {"flag_id": uuid4(), "session_id": uuid4()}
    path = address.format(**known)
    browser, letters = client_of(who), count(database, OutboxMessage)
    if method == "GET":
        browser.get(path, 404)
    else:
        browser.post(path, {**answers, "reason": "Fordi", "attended": "1"}, 404)
    assert state_of(database, ids["flag_id"]) is FlagState.RAISED
    assert count(database, OutboxMessage) == letters


def test_hr_of_the_department_reaches_its_teams(
    client_of: ClientOf, other_flag: UUID, answers: dict[str, str]
) -> None:
    browser = client_of("Hugo", language="en")
    shown = browser.post(f"/hr/flags/{other_flag}/schedule", answers)
    assert "Bøgen" in browser.get(shown.location).text

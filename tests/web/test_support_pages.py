"""The pages of support: who reads what, who may do what, and that nobody is named."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cast import Cast, full_name_of
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.support_seed import WHAT, seed_held_session, seed_request
from wellbeing.actions.feedback import give_feedback
from wellbeing.actions.ledger import wish_for_support
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import (
    Offer,
    OfferState,
    SessionAction,
    SessionFeedback,
    SessionState,
    SupportSession,
    Theme,
)

BY = Actor.command("test")
CANARY = "Kålrabi 8841 efter midnat"
UNIT_READERS = ("Lis", "Sara", "Hanne", "Eva")
Ids = Mapping[str, UUID]


@pytest.fixture
def held(database: Database, cast: Cast, clock: Clock) -> Ids:
    """A session of team A held three days ago, still open for answers."""
    with database.writing(Reach.EVERYTHING) as session:
        return seed_held_session(session, cast, now=clock.now())


@pytest.fixture
def wished(database: Database, cast: Cast, clock: Clock) -> UUID:
    """A wish of team A's leader."""
    with database.writing(Reach.EVERYTHING) as session:
        now, unit = clock.now(), cast.units["team_a"]
        form = SupportForm.DEBRIEFING
        return wish_for_support(session, unit, form, today=now.date(), now=now, by=BY).id


def ledger_of(name: str, cast: Cast) -> str:
    """The ledger of team A as this person opens it."""
    pages = {"Eva": "/my-unit/support", "Hanne": "/hr/ledger"}
    return pages.get(name, f"/teams/{cast.units['team_a']}/support")


def change_session(database: Database, held: Ids, **values: object) -> None:
    """Changes columns of the session."""
    with database.writing(Reach.EVERYTHING) as session:
        for name, value in values.items():
            setattr(session.get_one(SupportSession, held["session_id"]), name, value)


def add_answers(database: Database, held: Ids, answers: int, useful: int = 4) -> None:
    """So many say that it was this useful."""
    with database.writing(Reach.EVERYTHING) as session:
        session.add(SessionFeedback(session_id=held["session_id"], useful=useful, count=answers))


@on_both_databases
@pytest.mark.parametrize("name", UNIT_READERS)
def test_everyone_in_the_unit_sees_the_same_ledger_the_same_day(
    client_of: ClientOf, cast: Cast, held: Ids, wished: UUID, name: str
) -> None:
    text = client_of(name, language="en").get(ledger_of(name, cast)).text
    for words in (
        *("Team supervision", "Held: on 30 January 2026", "Number who came: 5 people", WHAT),
        *("Psychological debriefing", "to be done by 16 February 2026"),
    ):
        assert words in text


@pytest.mark.parametrize("name", UNIT_READERS)
def test_an_overdue_step_is_seen_by_all_of_them(
    client_of: ClientOf, clock: Clock, cast: Cast, wished: UUID, name: str
) -> None:
    clock.forward(days=15)
    text = client_of(name, language="en").get(ledger_of(name, cast)).text
    assert "Overdue" in text
    assert "should have been done by 16 February 2026" in text


@pytest.mark.parametrize("name", UNIT_READERS)
def test_a_ledger_names_nobody_who_was_invited(
    client_of: ClientOf, cast: Cast, held: Ids, name: str
) -> None:
    text = client_of(name).get(ledger_of(name, cast)).text
    others = [full_name_of(n) for n in ("Tom", "Anne", "Bent", "Carl", "Gry", "Jens")]
    assert not any(other in text for other in others)


@pytest.mark.parametrize("name", UNIT_READERS)
def test_of_a_talk_with_one_person_a_ledger_tells_only_that_it_was_held(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, name: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        form = SupportForm.INDIVIDUAL_SUPERVISION
        seed_held_session(session, cast, now=clock.now(), form=form)
    text = client_of(name, language="en").get(ledger_of(name, cast)).text
    assert "Individual supervision" in text
    assert "5 people" not in text
    assert WHAT not in text


@pytest.mark.parametrize("name", ["Ole", "Karl", "Hugo"])
def test_another_department_s_people_do_not_see_it(
    client_of: ClientOf, cast: Cast, held: Ids, wished: UUID, name: str
) -> None:
    browser = client_of(name, language="en")
    browser.get(f"/teams/{cast.units['team_a']}/support", 404)
    own = {"Ole": f"/teams/{cast.units['team_b']}/support", "Hugo": "/hr/ledger"}
    assert WHAT not in browser.get(own.get(name, "/my-unit/support")).text


def test_hr_of_everything_finds_the_rows_of_units_below_on_the_page_above(
    client_of: ClientOf, cast: Cast, held: Ids
) -> None:
    page = client_of("Hanne").get(f"/teams/{cast.units['department_1']}/support")
    assert WHAT in page.text
    assert "Anemonen" in page.text


@pytest.mark.parametrize("name", ["Susan", "Hanne", "Adam", "Dina"])
def test_whoever_belongs_to_no_such_unit_has_no_ledger_of_it(
    client_of: ClientOf, held: Ids, name: str
) -> None:
    assert WHAT not in client_of(name).get("/my-unit/support").text


def test_a_leader_wishes_once_and_hr_sees_it(client_of: ClientOf, cast: Cast) -> None:
    lis, path = client_of("Lis", language="en"), f"/teams/{cast.units['team_a']}/support"
    for _ in range(2):
        lis.post(f"{path}/wish", {"form": "team_supervision"})
    assert lis.get(path).text.count("Agreed on for the unit") == 1
    assert "Agreed on for the unit" in client_of("Hanne", language="en").get("/hr/ledger").text


@pytest.mark.parametrize("form", ["", "individual_supervision", "nothing"])
def test_a_wish_that_cannot_be_is_refused_with_a_word(
    client_of: ClientOf, database: Database, cast: Cast, form: str
) -> None:
    path = f"/teams/{cast.units['team_a']}/support/wish"
    client_of("Lis").post(path, {"form": form}, 422)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Offer)).all() == []


def test_a_safety_representative_is_offered_nothing_to_press(
    client_of: ClientOf, cast: Cast, held: Ids, wished: UUID
) -> None:
    page = client_of("Sara").get(ledger_of("Sara", cast)).html
    assert "/wish" not in page
    assert "/owner" not in page
    assert "/done" not in page


def test_a_leader_takes_an_offer_on_closes_a_wish_and_undoes_it(
    client_of: ClientOf, cast: Cast, wished: UUID
) -> None:
    lis, path = client_of("Lis", language="en"), f"/teams/{cast.units['team_a']}/support"
    lis.post(f"{path}/{wished}/owner", {"take": "1"})
    assert "Seen to by Lis Vestergaard" in lis.get(path).text
    lis.post(f"{path}/{wished}/owner")
    assert "Seen to by" not in lis.get(path).text
    lis.post(f"{path}/{wished}/close", {"reason": ""})
    assert "Write in a few words" in lis.get(path).text
    lis.post(f"{path}/{wished}/close", {"reason": "Løst <b>selv</b>"})
    shown = lis.get(path)
    assert "Closed: Løst <b>selv</b>" in shown.text
    lis.post(f"{path}/{wished}/reopen")
    assert "Closed:" not in lis.get(path).text


def test_a_leader_closes_no_offer_that_answers_something_else(
    client_of: ClientOf, database: Database, cast: Cast, wished: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Offer, wished).unit_id = cast.units["team_b"]
    path = f"/teams/{cast.units['team_a']}/support/{wished}"
    for act in ("owner", "close", "reopen"):
        client_of("Lis").post(f"{path}/{act}", {"reason": "x"}, 404)


@pytest.mark.parametrize(("name", "way"), [("Lis", "leader"), ("Hanne", "hr")])
def test_an_agreement_is_marked_done_and_everyone_sees_it(
    client_of: ClientOf, cast: Cast, database: Database, held: Ids, name: str, way: str
) -> None:
    unit, action = cast.units["team_a"], held["action_id"]
    paths = {
        "leader": f"/teams/{unit}/support/actions/{action}/done",
        "hr": f"/hr/actions/{action}/done",
    }
    client_of(name).post(paths[way], {"done": "1"})
    assert "Done" in client_of("Eva", language="en").get("/my-unit/support").text
    client_of(name).post(paths[way], {"done": ""})
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(SessionAction, action).done_on is None


def test_an_agreement_of_a_talk_with_one_person_is_not_the_leader_s(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        ids = seed_held_session(
            session, cast, now=clock.now(), form=SupportForm.INDIVIDUAL_SUPERVISION
        )
    path = f"/teams/{cast.units['team_a']}/support/actions/{ids['action_id']}/done"
    client_of("Lis").post(path, {"done": "1"}, 404)


def test_hr_says_who_sees_to_an_offer_closes_it_and_opens_it_again(
    client_of: ClientOf, cast: Cast, wished: UUID
) -> None:
    hanne, path = client_of("Hanne", language="en"), f"/hr/offers/{wished}"
    hanne.post(f"{path}/owner", {"owner": str(cast.people["Lis"])})
    assert "Seen to by Lis Vestergaard" in hanne.get(path).text
    hanne.post(f"{path}/owner", {"owner": str(cast.people["Eva"])}, 422)
    assert (
        "kept: too much" in hanne.post(f"{path}/close", {"reason": "kept: too much" * 40}, 422).html
    )
    hanne.post(f"{path}/close", {"reason": "Teamet vil vente"})
    assert "Closed: Teamet vil vente" in hanne.get(path).text
    hanne.post(f"{path}/reopen")
    assert "Closed:" not in hanne.get(path).text


def test_hr_writes_a_team_conversation_down_with_a_day(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    now = clock.now()
    with database.writing(Reach.EVERYTHING) as session:
        offer_id = wish_for_support(
            session,
            cast.units["team_c"],
            SupportForm.TEAM_CONVERSATION,
            today=now.date(),
            now=now,
            by=BY,
        ).id
    hanne, path = client_of("Hanne", language="en"), f"/hr/offers/{offer_id}"
    hanne.post(f"{path}/held", {"held_on": "2027-01-01"}, 422)
    hanne.post(f"{path}/held", {"held_on": now.date().isoformat()})
    assert "Held: on 2 February 2026" in hanne.get(path).text


@pytest.mark.parametrize(
    ("answers", "days", "says"),
    [
        (5, 11, "answers are still coming in, until 13 February 2026"),
        (4, 12, "too few answered to show it"),
        (5, 12, "How useful: useful"),
        (0, 12, "too few answered to show it"),
    ],
)
@pytest.mark.parametrize("name", UNIT_READERS)
def test_how_useful_it_was_is_told_once_answers_are_closed_and_from_five(
    client_of: ClientOf,
    database: Database,
    cast: Cast,
    clock: Clock,
    held: Ids,
    name: str,
    answers: int,
    days: int,
    says: str,
) -> None:
    add_answers(database, held, answers)
    clock.forward(days=days)
    text = client_of(name, language="en").get(ledger_of(name, cast)).text
    assert says in text


@pytest.mark.parametrize("name", UNIT_READERS)
def test_no_page_of_readers_changes_when_somebody_answers_before_it_closes(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, held: Ids, name: str
) -> None:
    browser, path = client_of(name), ledger_of(name, cast)

    def look() -> str:
        return browser.get(path).text

    before = look()
    with database.writing(Reach.EMPLOYEE) as session:
        day = clock.now().date()
        give_feedback(session, held["session_id"], cast.people["Tom"], 1, today=day)
    assert look() == before


@on_both_databases
def test_whoever_was_invited_answers_once(
    client_of: ClientOf, database: Database, held: Ids
) -> None:
    eva, path = client_of("Eva", language="en"), f"/support/sessions/{held['session_id']}/useful"
    assert "Choose one of the five" in eva.post(path, {}, 422).text
    eva.post(path, {"useful": "6"}, 422)
    eva.post(path, {"useful": "4"})
    assert "has been counted" in eva.get(path).text
    eva.post(path, {"useful": "1"}, 200)
    with database.reading(Reach.EVERYTHING) as session:
        sums = {row.useful: row.count for row in session.scalars(select(SessionFeedback))}
    assert sums == {1: 0, 2: 0, 3: 0, 4: 1, 5: 0}


def test_after_the_last_day_the_question_is_closed(
    client_of: ClientOf, clock: Clock, held: Ids
) -> None:
    clock.forward(days=12)
    eva, path = client_of("Eva", language="en"), f"/support/sessions/{held['session_id']}/useful"
    assert "are closed" in eva.get(path).text
    assert "are closed" in eva.post(path, {"useful": "4"}, 200).text


def test_where_too_few_were_invited_nobody_is_asked(
    client_of: ClientOf, database: Database, held: Ids
) -> None:
    change_session(database, held, feedback_until=None)
    path = f"/support/sessions/{held['session_id']}/useful"
    assert "Nobody is asked" in client_of("Eva", language="en").get(path).text


def test_a_person_asks_changes_and_takes_back(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    eva = client_of("Eva", language="en")
    assert "/support" in eva.get("/").html
    assert "Hanne Thomsen" in eva.get("/support").text
    eva.post("/support", {"wish": "talk", "contact": CANARY})
    page = eva.get("/support")
    assert "You have asked" in page.text
    assert CANARY in page.html
    assert "Your own request" in eva.get("/me").text
    eva.post("/support", {"wish": "crisis_help", "contact": ""})
    with database.reading(Reach.EVERYTHING) as session:
        (found,) = session.scalars(select(SupportRequest)).all()
    assert (found.wish, found.contact) == (RequestWish.CRISIS_HELP, "")
    for _ in range(2):
        eva.post("/support/take-back")
    assert "You have asked" not in eva.get("/support").text
    assert "Your own request" not in eva.get("/me").text


@pytest.mark.parametrize("data", [{}, {"wish": "more pay"}, {"wish": "talk", "contact": "x" * 401}])
def test_a_request_that_cannot_be_keeps_what_was_typed(
    client_of: ClientOf, database: Database, data: dict[str, str]
) -> None:
    shown = client_of("Eva").post("/support", {"contact": CANARY, **data}, 422)
    assert data.get("contact", CANARY) in shown.html
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(SupportRequest)).all() == []


@on_both_databases
@pytest.mark.parametrize(("asks", "sees"), [("Eva", ("Hanne",)), ("Karl", ("Hanne", "Hugo"))])
def test_hr_in_reach_sees_name_wish_and_words(
    client_of: ClientOf,
    database: Database,
    cast: Cast,
    clock: Clock,
    asks: str,
    sees: tuple[str, ...],
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_request(session, cast.people[asks], now=clock.now(), contact=CANARY)
    for name in ("Hanne", "Hugo"):
        text = client_of(name, language="en").get("/hr/requests").text
        told = (full_name_of(asks), CANARY, "A talk about how I am", "Asked on 1 February 2026")
        assert all((words in text) is (name in sees) for words in told)
        front = client_of(name, language="en").get("/hr").text
        assert ("1 person has asked" in front) is (name in sees)


def test_hr_arranges_a_request_and_notes_it_as_seen_to(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        request_id = seed_request(session, cast.people["Eva"], now=clock.now())
    hanne, path = client_of("Hanne", language="en"), f"/hr/requests/{request_id}"
    hanne.post(f"{path}/arrange", {"form": "team_supervision"})
    assert "Choose a form of support" in hanne.get("/hr/requests").text
    for _ in range(2):
        hanne.post(f"{path}/arrange", {"form": "defusing"})
    with database.reading(Reach.EVERYTHING) as session:
        (offer,) = session.scalars(select(Offer)).all()
    assert (offer.unit_id, offer.form) == (None, SupportForm.DEFUSING)
    assert "No time has been found yet" in hanne.get("/hr/requests").text
    assert "HR is finding a time" in client_of("Eva", language="en").get("/support").text
    hanne.get(f"/hr/offers/{offer.id}", 404)
    hanne.post(f"{path}/finish")
    assert full_name_of("Eva") not in hanne.get("/hr/requests").text


def test_a_record_by_its_supervisor_reaches_everyone_in_the_unit(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, held: Ids
) -> None:
    susan, path = client_of("Susan", language="en"), f"/supervisor/sessions/{held['session_id']}"
    assert path in susan.get("/supervisor").html
    page = susan.get(path)
    assert WHAT in page.html
    susan.post(
        path,
        {
            "attended": "7",
            "minutes": "95",
            "themes": str(held["theme_id"]),
            "what_0": "Ny tavle",
            "owner_0": "Teamet",
            "due_0": "2026-03-01",
            "next_on": "2026-03-16",
        },
    )
    text = client_of("Eva", language="en").get("/my-unit/support").text
    for words in ("7 people", "Ny tavle (Teamet, by 1 March 2026)", "Next time: 16 March 2026"):
        assert words in text
    assert WHAT not in text


BAD_RECORDS = {
    "a person number": ({"what_0": "Sag 010190-1234", "owner_0": "Teamet"}, "person number"),
    "half an agreement": ({"what_0": "", "owner_0": "Teamet"}, "both"),
    "a day alone": ({"due_0": "2026-03-01"}, "both"),
    "more than invited": ({"attended": "9"}, "Between 0 and 8"),
    "no number": ({"attended": ""}, "How many came"),
    "a foreign theme": ({"themes": str(UUID(int=5))}, "Themes taken up"),
    "next time before this": ({"next_on": "2026-01-01"}, "after this session"),
}


@pytest.mark.parametrize("wrong", BAD_RECORDS)
@pytest.mark.parametrize(
    ("name", "path"), [("Susan", "/supervisor/sessions/{}"), ("Hanne", "/hr/sessions/{}/record")]
)
def test_a_record_that_cannot_be_keeps_what_was_typed_and_stores_nothing(
    client_of: ClientOf, database: Database, held: Ids, name: str, path: str, wrong: str
) -> None:
    data, says = BAD_RECORDS[wrong]
    filled = {"attended": "6", "what_1": "Overlap", "owner_1": "Teamet", **data}
    shown = client_of(name, language="en").post(path.format(held["session_id"]), filled, 422)
    assert says in shown.text
    assert "Overlap" in shown.html
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(SupportSession, held["session_id"]).attended_count == 5


def test_a_supervisor_finds_their_own_sessions_only(
    client_of: ClientOf, database: Database, cast: Cast, held: Ids
) -> None:
    change_session(database, held, supervisor_id=cast.people["Ole"])
    path = f"/supervisor/sessions/{held['session_id']}"
    client_of("Susan").get(path, 404)
    client_of("Susan").post(path, {"attended": "3"}, 404)


@pytest.mark.parametrize("name", ["Susan", "Hanne"])
def test_a_talk_somebody_asked_for_is_written_down_without_a_unit(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, name: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        invited = [cast.people["Eva"]]
        ids = seed_held_session(session, cast, now=clock.now(), unit=None, invited=invited)
    paths = {"Susan": "/supervisor/sessions/{}", "Hanne": "/hr/sessions/{}/record"}
    path = paths[name].format(ids["session_id"])
    assert full_name_of("Eva") not in client_of(name).get(path).text
    client_of(name).post(path, {"attended": "1"})
    client_of("Hugo").get(f"/hr/sessions/{ids['session_id']}/record", 404)


def test_a_session_cancelled_or_to_come_has_nothing_to_write_down(
    client_of: ClientOf, database: Database, held: Ids
) -> None:
    change_session(database, held, state=SessionState.CANCELLED)
    for name, path in (("Susan", "/supervisor/sessions/{}"), ("Hanne", "/hr/sessions/{}/record")):
        address = path.format(held["session_id"])
        assert "nothing to write down" in client_of(name, language="en").get(address).text
        client_of(name).post(address, {"attended": "3"}, 422)


def test_hr_keeps_the_list_of_themes(client_of: ClientOf, database: Database) -> None:
    hanne = client_of("Hanne", language="en")
    assert "Arbejdspres og prioritering" in hanne.get("/hr/themes").text
    hanne.post("/hr/themes", {"name": "Nattevagter"})
    hanne.post("/hr/themes", {"name": ""}, 422)
    with database.reading(Reach.EVERYTHING) as session:
        theme_id = session.scalars(select(Theme.id).where(Theme.name == "Nattevagter")).one()
    hanne.post(f"/hr/themes/{theme_id}", {"name": "Nattevagter alene"})
    hanne.post(f"/hr/themes/{theme_id}", {"name": "Arbejdspres og prioritering"})
    page = hanne.get("/hr/themes")
    assert "already" in page.text
    assert "Nattevagter alene" in page.text
    hanne.post(f"/hr/themes/{theme_id}/active", {"active": ""})
    assert "Off the list" in hanne.get("/hr/themes").text


def test_hr_s_front_page_says_what_is_waiting(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, wished: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_request(session, cast.people["Eva"], now=clock.now())
    assert "1 person has asked for a talk" in client_of("Hanne", language="en").get("/hr").text
    assert "has asked for a talk" not in client_of("Hugo", language="en").get("/hr").text
    clock.forward(days=15)
    assert "1 step of support is overdue" in client_of("Hanne", language="en").get("/hr").text


def test_an_offer_waits_until_somebody_finds_a_time(
    client_of: ClientOf, database: Database, wished: UUID
) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Offer, wished).state is OfferState.OFFERED
    page = client_of("Hanne").get(f"/hr/offers/{wished}")
    has_page = "hr.schedule_offer" in client_of("Hanne").client.application.view_functions
    assert (f"/hr/offers/{wished}/schedule" in page.html) is has_page


def test_hr_of_another_department_can_do_nothing_about_a_request(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        request_id = seed_request(session, cast.people["Eva"], now=clock.now())
    for act in ("arrange", "finish"):
        client_of("Hugo").post(f"/hr/requests/{request_id}/{act}", {"form": "defusing"}, 404)

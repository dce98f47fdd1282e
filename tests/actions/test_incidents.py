"""Incidents: registered once, without names, with a timeline that is taken step by step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.actions.post_office import PostOffice
from tests.cast import Cast, email_of
from tests.mail_server import MailServer
from tests.rounds import BY
from wellbeing.actions.incident_affected import (
    find_affected_names,
    find_own_affected,
    say_affected,
    take_back_affected,
)
from wellbeing.actions.incident_reads import find_incident, find_incident_days, find_private
from wellbeing.actions.incident_steps import (
    mark_held,
    mark_not_taken,
    reopen_step,
    withdraw_incident,
)
from wellbeing.actions.incidents import (
    IncidentValues,
    close_incident,
    correct_incident,
    find_offers,
    find_twin,
    register_incident,
)
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.retention import INCIDENT_DETAILS_DAYS, delete_expired
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.incident_timeline import STEPS
from wellbeing.domain.incidents import ClosingReason, IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.incidents import Incident, IncidentAffected
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

Register = Callable[..., UUID]


@pytest.fixture
def values(cast: Cast, now: datetime) -> IncidentValues:
    """A threat in team A today."""
    return IncidentValues(
        cast.units["team_a"], IncidentKind.THREAT, now.date(), 2, details="Vi var alene på vagt."
    )


@pytest.fixture
def register(database: Database, cast: Cast, now: datetime, values: IncidentValues) -> Register:
    """Registers an incident as Eva and gives its id."""

    def act(
        form_id: UUID | None = None,
        *,
        who: str = "Eva",
        named: bool = False,
        today: date | None = None,
        reach: Reach = Reach.EMPLOYEE,
        **changed: object,
    ) -> UUID:
        with database.writing(reach) as session:
            made = register_incident(
                session,
                replace(values, **changed),  # type: ignore[arg-type]
                form_id=form_id or uuid4(),
                person_id=cast.people[who],
                named=named,
                today=today or now.date(),
                now=now,
                by=Actor.person(cast.people[who]),
            )
            return made.id

    return act


def offer_of(session: Session, incident_id: UUID, form: SupportForm) -> Offer:
    """The step of an incident."""
    return next(o for o in find_offers(session, incident_id) if o.form is form)


def test_registering_opens_the_timeline(
    database: Database, cast: Cast, register: Register, now: datetime
) -> None:
    incident_id = register()
    with database.reading(Reach.EVERYTHING) as session:
        offers = {offer.form: offer for offer in find_offers(session, incident_id)}
    assert set(offers) == set(STEPS)
    assert {offer.unit_id for offer in offers.values()} == {cast.units["team_a"]}
    assert offers[SupportForm.FIRST_AID].due_on == now.date()
    assert offers[SupportForm.DEFUSING].due_on == now.date() + timedelta(days=1)
    assert all(offer.state is OfferState.OFFERED for offer in offers.values())


def test_the_same_form_sent_again_registers_nothing_more(
    database: Database, register: Register
) -> None:
    form_id = uuid4()
    assert register(form_id) == register(form_id)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 1
        assert session.scalar(select(func.count()).select_from(Offer)) == len(STEPS)


def test_somebody_else_cannot_take_over_a_form(register: Register) -> None:
    form_id = uuid4()
    assert register(form_id) != register(form_id, who="Tom")


def test_two_at_once_register_once(database: Database, register: Register) -> None:
    form_id, faults = uuid4(), []

    def act() -> None:
        try:
            register(form_id)
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 1
        assert session.scalar(select(func.count()).select_from(Offer)) == len(STEPS)


def test_without_a_wish_nothing_says_who_registered_it(
    database: Database, cast: Cast, register: Register
) -> None:
    incident_id = register()
    eva = str(cast.people["Eva"])
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Incident, incident_id).registered_by is None
        assert find_private(session, incident_id).registered_by == ""
        events = session.scalars(select(AuditEvent)).all()
        assert {event.act for event in events} >= {"incident.registered", "support.offered"}
        said = [f"{e.by} {e.subject} {e.details}" for e in events if e.act.startswith("incident")]
        assert said
        assert not any(eva in line for line in said)
        assert not any(eva in e.by for e in events if e.act == "support.offered")


def test_who_wishes_to_be_named_is_named(database: Database, register: Register) -> None:
    incident_id = register(named=True)
    with database.reading(Reach.LEADER) as session:
        assert find_private(session, incident_id).registered_by == "Eva Holm"


@pytest.mark.parametrize(
    "changed",
    [
        {"details": "Borgeren hedder Peter Hansen"},
        {"details": "cpr 010190-1234"},
        {"details": "cpr 010190-1234", "names_confirmed": True},
        {"details": "x" * 1001},
        {"affected_count": -1},
        {"affected_count": 501},
        {"happened_on": date(2026, 2, 3)},
        {"happened_on": date(2025, 2, 1)},
        {"unit_id": UUID(int=5)},
    ],
)
def test_what_cannot_be_stores_nothing(
    database: Database, register: Register, changed: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        register(**changed)
    with database.reading(Reach.EVERYTHING) as session:
        for table in (Incident, Offer, OutboxMessage):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_name_that_is_none_can_be_confirmed(database: Database, register: Register) -> None:
    incident_id = register(details="Det skete ved Sankt Hans Odde Bakke", names_confirmed=True)
    with database.reading(Reach.EVERYTHING) as session:
        assert "Sankt Hans" in session.get_one(Incident, incident_id).details


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("text", ["a\x00b\x07c", "én\u2028to", "🙂\u202eabc\ufffd"])
def test_odd_bytes_are_tidied(database: Database, register: Register, text: str) -> None:
    incident_id = register(details=text)
    with database.reading(Reach.EVERYTHING) as session:
        kept = session.get_one(Incident, incident_id).details
    assert all(c.isprintable() or c == "\n" for c in kept)


def test_leader_representative_and_hr_are_told_without_a_word_about_it(
    database: Database, register: Register, office: PostOffice, mail_server: MailServer
) -> None:
    incident_id = register(details="Der blev truet med en kniv.")
    with database.reading(Reach.EVERYTHING) as session:
        waiting = session.scalars(select(OutboxMessage)).all()
    assert {m.kind for m in waiting} == {MailKind.INCIDENT_REGISTERED}
    office.deliver()
    mails = {mail.to: mail for mail in mail_server.received}
    told = {"Lis": "teams", "Sara": "teams", "Hanne": "hr"}
    assert set(mails) == {email_of(name) for name in told}
    for name, area in told.items():
        mail = mails[email_of(name)]
        text = f"{mail.message['Subject']}\n{mail.body('plain')}\n{mail.body('html')}"
        assert f"/{area}/incidents/{incident_id}" in text
        for word in ("kniv", "rusler", "Anemonen", "Eva"):
            assert word not in text


def test_no_mail_goes_out_once_the_incident_is_withdrawn(
    database: Database,
    register: Register,
    office: PostOffice,
    mail_server: MailServer,
    now: datetime,
) -> None:
    incident_id = register()
    with database.writing(Reach.EVERYTHING) as session:
        withdraw_incident(session, incident_id, today=now.date(), now=now, by=BY)
    office.deliver()
    assert mail_server.received == []


def test_a_twin_is_seen_but_not_in_the_same_form(
    database: Database, cast: Cast, register: Register, values: IncidentValues
) -> None:
    form_id = uuid4()
    register(form_id)
    eva = cast.people["Eva"]
    with database.reading(Reach.EMPLOYEE) as session:
        assert find_twin(session, values, form_id=form_id, person_id=eva) is None
        assert find_twin(session, values, form_id=uuid4(), person_id=eva) is not None
        other = replace(values, kind=IncidentKind.VIOLENCE)
        assert find_twin(session, other, form_id=uuid4(), person_id=eva) is None


def test_first_aid_is_marked_given_on_its_day(
    database: Database, register: Register, now: datetime
) -> None:
    incident_id, today = register(), now.date()
    with database.writing(Reach.LEADER) as session:
        for _ in range(2):
            mark_held(
                session, incident_id, SupportForm.FIRST_AID, today, today=today, now=now, by=BY
            )
    with database.reading(Reach.EVERYTHING) as session:
        offer = offer_of(session, incident_id, SupportForm.FIRST_AID)
        assert (offer.state, offer.held_on) == (OfferState.HELD, today)
        held = select(func.count()).where(AuditEvent.act == "support.held")
        assert session.scalar(held) == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_a_step_is_held_neither_before_the_incident_nor_tomorrow(
    database: Database, register: Register, now: datetime, days: int
) -> None:
    incident_id, today = register(), now.date()
    with database.writing(Reach.LEADER) as session, pytest.raises(BadInput):
        mark_held(
            session,
            incident_id,
            SupportForm.FIRST_AID,
            today + timedelta(days=days),
            today=today,
            now=now,
            by=BY,
        )


def test_a_step_not_wanted_is_closed_with_a_reason_of_the_list(
    database: Database, register: Register, now: datetime
) -> None:
    incident_id = register()
    with database.writing(Reach.WORKPLACE) as session:
        reason = ClosingReason.NOT_WANTED
        mark_not_taken(session, incident_id, SupportForm.DEBRIEFING, reason, now=now, by=BY)
    with database.reading(Reach.EVERYTHING) as session:
        offer = offer_of(session, incident_id, SupportForm.DEBRIEFING)
    assert (offer.state, offer.closed_because) == (OfferState.CLOSED, reason.value)


def test_a_step_with_a_session_is_left_to_its_session(
    database: Database, cast: Cast, register: Register, now: datetime
) -> None:
    incident_id, today = register(), now.date()
    with database.writing(Reach.EVERYTHING) as session:
        offer = offer_of(session, incident_id, SupportForm.DEFUSING)
        offer.state = OfferState.SCHEDULED
        session.add(
            SupportSession(
                offer_id=offer.id,
                supervisor_id=cast.people["Susan"],
                starts_at=now + timedelta(hours=3),
                ends_at=now + timedelta(hours=4),
                place="Loftet",
                state=SessionState.SCHEDULED,
            )
        )
    with database.writing(Reach.WORKPLACE) as session:
        form = SupportForm.DEFUSING
        with pytest.raises(Refused):
            mark_held(session, incident_id, form, today, today=today, now=now, by=BY)
        with pytest.raises(Refused):
            mark_not_taken(session, incident_id, form, ClosingReason.NOT_NEEDED, now=now, by=BY)
        with pytest.raises(Refused):
            withdraw_incident(session, incident_id, today=today, now=now, by=BY)
        shown = find_incident(session, incident_id)
    assert shown is not None
    assert shown.steps[1].starts_at == now + timedelta(hours=3)


def test_a_step_can_wait_again(database: Database, register: Register, now: datetime) -> None:
    incident_id, today, form = register(), now.date(), SupportForm.FIRST_AID
    with database.writing(Reach.LEADER) as session:
        mark_held(session, incident_id, form, today, today=today, now=now, by=BY)
        reopen_step(session, incident_id, form, now=now, by=BY)
    with database.reading(Reach.EVERYTHING) as session:
        offer = offer_of(session, incident_id, form)
    assert (offer.state, offer.held_on) == (OfferState.OFFERED, None)


def test_an_incident_closes_once_nothing_waits(
    database: Database, register: Register, now: datetime
) -> None:
    incident_id, today = register(), now.date()
    with database.writing(Reach.LEADER) as session:
        with pytest.raises(Refused, match="still waiting"):
            close_incident(session, incident_id, today=today, now=now, by=BY)
        for form in STEPS:
            mark_held(session, incident_id, form, today, today=today, now=now, by=BY)
        for _ in range(2):
            close_incident(session, incident_id, today=today, now=now, by=BY)
        with pytest.raises(Refused, match="is closed"):
            reopen_step(session, incident_id, STEPS[0], now=now, by=BY)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Incident, incident_id).closed_on == today


def test_correcting_moves_only_the_steps_nobody_has_taken(
    database: Database, register: Register, values: IncidentValues, now: datetime
) -> None:
    incident_id, today = register(), now.date()
    earlier = replace(values, happened_on=today - timedelta(days=3), details="Anden tekst.")
    with database.writing(Reach.LEADER) as session:
        mark_held(session, incident_id, SupportForm.FIRST_AID, today, today=today, now=now, by=BY)
        correct_incident(session, incident_id, earlier, today=today, now=now, by=BY)
    with database.reading(Reach.EVERYTHING) as session:
        assert offer_of(session, incident_id, SupportForm.FIRST_AID).held_on == today
        follow_up = offer_of(session, incident_id, SupportForm.FOLLOW_UP).due_on
        assert find_private(session, incident_id).details == "Anden tekst."
    assert follow_up == date(2026, 3, 2)


def test_a_correction_may_name_nobody_either(
    database: Database, register: Register, values: IncidentValues, now: datetime
) -> None:
    incident_id = register()
    named = replace(values, details="Det var 010190-1234")
    with database.writing(Reach.LEADER) as session, pytest.raises(BadInput):
        correct_incident(session, incident_id, named, today=now.date(), now=now, by=BY)


def test_one_registered_by_mistake_leaves_no_mark_and_no_text(
    database: Database, cast: Cast, register: Register, now: datetime
) -> None:
    incident_id, today = register(), now.date()
    with database.writing(Reach.WORKPLACE) as session:
        assert find_incident_days(session, cast.units["team_a"]) == (today,)
        for _ in range(2):
            withdraw_incident(session, incident_id, today=today, now=now, by=BY)
        assert find_incident_days(session, cast.units["team_a"]) == ()
        assert find_private(session, incident_id).details == ""
        shown = find_incident(session, incident_id)
    assert shown is not None
    assert shown.is_withdrawn


def test_an_incident_marks_its_unit_and_those_below_but_none_above_or_beside(
    database: Database, cast: Cast, register: Register, now: datetime
) -> None:
    register(unit_id=cast.units["department_1"])
    register(unit_id=cast.units["team_b"], happened_on=now.date() - timedelta(days=1))
    with database.reading(Reach.LEADER) as session:
        days = {unit: find_incident_days(session, id) for unit, id in cast.units.items()}
    today, yesterday = now.date(), now.date() - timedelta(days=1)
    assert days["team_a"] == days["team_c"] == days["department_1"] == (today,)
    assert days["team_b"] == (yesterday,)
    assert days["organisation"] == days["department_2"] == ()


def test_whoever_says_so_is_affected_until_they_take_it_back(
    database: Database, cast: Cast, register: Register
) -> None:
    incident_id, eva = register(), cast.people["Eva"]
    with database.writing(Reach.EMPLOYEE) as session:
        for _ in range(2):
            say_affected(session, incident_id, person_id=eva)
        assert find_own_affected(session, eva) == {incident_id}
    with database.reading(Reach.WORKPLACE) as session:
        assert find_affected_names(session, incident_id) == ["Eva Holm"]
    with database.writing(Reach.EMPLOYEE) as session:
        for _ in range(2):
            take_back_affected(session, incident_id, person_id=eva)
        assert find_own_affected(session, eva) == set()


def test_who_was_affected_is_written_in_no_log(
    database: Database, cast: Cast, register: Register
) -> None:
    incident_id, tom = register(), cast.people["Tom"]
    with database.writing(Reach.EMPLOYEE) as session:
        say_affected(session, incident_id, person_id=tom)
    with database.reading(Reach.EVERYTHING) as session:
        events = session.scalars(select(AuditEvent)).all()
    assert not any(str(tom) in f"{e.by} {e.subject} {e.details}" for e in events)


def test_nobody_can_be_affected_by_what_does_not_exist(database: Database, cast: Cast) -> None:
    with database.writing(Reach.EMPLOYEE) as session, pytest.raises(Missing):
        say_affected(session, uuid4(), person_id=cast.people["Eva"])


def test_what_was_written_goes_after_a_year_and_the_mark_stays(
    database: Database, cast: Cast, register: Register, now: datetime
) -> None:
    incident_id = register(named=True)
    with database.writing(Reach.EMPLOYEE) as session:
        say_affected(session, incident_id, person_id=cast.people["Tom"])
    for days, kept in ((INCIDENT_DETAILS_DAYS, True), (INCIDENT_DETAILS_DAYS + 1, False)):
        with database.writing(Reach.EVERYTHING) as session:
            delete_expired(session, now=now + timedelta(days=days))
        with database.reading(Reach.EVERYTHING) as session:
            incident = session.get_one(Incident, incident_id)
            assert bool(incident.details) is kept
            assert bool(incident.registered_by) is kept
            assert bool(session.scalars(select(IncidentAffected)).all()) is kept
            assert find_incident_days(session, cast.units["team_a"]) == (now.date(),)

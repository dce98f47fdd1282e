"""Three years of a unit in which everything happened that an APV pack tells, and what it must not.

Every name and word that must stay out is in `SECRETS`.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast, full_name_of
from tests.published_rows import CALM, FELL, add_held, add_past, add_units, closing
from wellbeing.actions.support import invite_to
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import Incident, IncidentAffected, RequestWish, SupportRequest
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import (
    Offer,
    OfferState,
    SessionAction,
    SessionFeedback,
    SessionTheme,
    SupportSession,
    Theme,
)

TODAY = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
HELD_ON = closing(4) + timedelta(days=1)
INCIDENT_ON = date(2025, 3, 4)
DETAILS = "En borger kastede en kålorm efter medarbejderen"
CONTACT = "Ring helst efter kl. 19 på 12345678"
FORMULAS = ('=HYPERLINK("http://127.0.0.1:9/","Tryk her")', "+45 ekstra timer", "@SUM(1+1)")
PEOPLE = ("Eva", "Tom", "Susan", "Hanne", "Lis")
SECRETS = (DETAILS, CONTACT, "kålorm", *map(full_name_of, PEOPLE))


def add_apv_past(session: Session, cast: Cast, unit_id: UUID) -> None:
    """Everything, in one unit, with five calm units beside it."""
    others = add_units(session, cast.units["department_2"], *"DEFGH")
    rounds = add_past(session, {unit_id: FELL, **dict(zip(others, CALM, strict=True))})
    supervision = _add_supervision(session, cast, unit_id, rounds[3])
    _add_record(session, cast, supervision)
    _add_incident(session, cast, unit_id)
    _add_request(session, cast)
    _add_what_came_to_nothing(session, unit_id, rounds[5])


def _add_supervision(session: Session, cast: Cast, unit_id: UUID, round_id: UUID) -> Offer:
    flag = Flag(
        unit_id=unit_id,
        round_id=round_id,
        rule_id="answered",
        kind="offer_supervision",
        figures={"scale": "BO", "reason": "rose", "now": 26, "now_kind": "exact"},
        state=FlagState.ANSWERED,
        raised_on=closing(4),
    )
    session.add(flag)
    session.flush()
    more: dict[str, Any] = {"flag_id": flag.id, "owner_id": cast.people["Hanne"]}
    return add_held(session, unit_id, cast.people["Susan"], HELD_ON, **more)


def _add_record(session: Session, cast: Cast, offer: Offer) -> None:
    held = session.scalars(select(SupportSession).where(SupportSession.offer_id == offer.id)).one()
    held.minutes_held, held.attended_count = 90, 7
    held.feedback_until = HELD_ON + timedelta(days=14)
    session.add_all(invite_to(held, cast.people[name]) for name in ("Eva", "Tom"))
    theme = Theme(name="Arbejdspres")
    session.add(theme)
    session.flush()
    session.add(SessionTheme(session_id=held.id, theme_id=theme.id))
    session.add_all(
        SessionFeedback(session_id=held.id, useful=useful, count=count)
        for useful, count in ((3, 2), (4, 3), (5, 1))
    )
    session.add_all(
        SessionAction(
            session_id=held.id,
            what=what,
            owner="Teamet",
            due_on=HELD_ON + timedelta(days=30),
            done_on=HELD_ON + timedelta(days=20) if done else None,
        )
        for what, done in (("Refleksion på hvert personalemøde", True), *((f, 0) for f in FORMULAS))
    )
    session.flush()


def _add_incident(session: Session, cast: Cast, unit_id: UUID) -> None:
    incident = Incident(
        unit_id=unit_id,
        kind=IncidentKind.THREAT,
        happened_on=INCIDENT_ON,
        registered_on=INCIDENT_ON,
        registered_by=cast.people["Lis"],
        affected_count=211,
        details=DETAILS,
        closed_on=INCIDENT_ON + timedelta(days=31),
    )
    session.add(incident)
    session.flush()
    session.add(IncidentAffected(incident_id=incident.id, person_id=cast.people["Tom"]))
    session.add(
        Offer(
            unit_id=unit_id,
            incident_id=incident.id,
            form=SupportForm.FIRST_AID,
            state=OfferState.HELD,
            offered_on=INCIDENT_ON,
            held_on=INCIDENT_ON,
        )
    )
    session.flush()


def _add_request(session: Session, cast: Cast) -> None:
    offer = add_held(
        session,
        None,
        cast.people["Susan"],
        date(2025, 5, 6),
        form=SupportForm.INDIVIDUAL_SUPERVISION,
    )
    session.add(
        SupportRequest(
            person_id=cast.people["Eva"],
            wish=RequestWish.TALK,
            contact=CONTACT,
            asked_on=date(2025, 5, 1),
            offer_id=offer.id,
        )
    )
    session.flush()


def _add_what_came_to_nothing(session: Session, unit_id: UUID, round_id: UUID) -> None:
    session.add(
        Flag(
            unit_id=unit_id,
            round_id=round_id,
            rule_id="closed",
            kind="offer_debriefing",
            figures={"scale": "STS", "reason": "rose", "now": 21, "now_kind": "exact"},
            state=FlagState.CLOSED,
            raised_on=closing(6),
            closed_because="Teamet har selv fundet en form",
        )
    )
    session.add_all(
        Offer(
            unit_id=unit_id,
            form=form,
            state=OfferState.CLOSED,
            offered_on=date(2025, 6, 1),
            closed_because=because,
        )
        for form, because in (
            (SupportForm.PEER_SUPERVISION, "Der var ikke tid før sommeren"),
            (SupportForm.TEAM_CONVERSATION, "withdrawn"),
        )
    )
    session.flush()

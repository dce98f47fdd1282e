"""Every page there is, by who looks at it, and how each is checked in a real browser."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from tests.actions.desk import HR, ZONE, give_hours
from tests.browser.conftest import Site
from tests.browser.windows import DESK, TELEPHONE, Window
from tests.forms import wording_of
from tests.published_rows import add_held
from tests.rounds import BY, STEADY, WORN
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.incidents import IncidentValues, register_incident
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.own_talks import WantedTime, book_slot, find_slots
from wellbeing.actions.places import PlaceValues, add_place
from wellbeing.actions.series import SeriesValues, make_series
from wellbeing.actions.wordings import import_wording
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.support import SessionState, SupportSession

# Every pair of width, language and colours is there once; all eight would take twice as long.
COMBINATIONS = (
    (TELEPHONE, "da", False),
    (TELEPHONE, "en", True),
    (DESK, "da", True),
    (DESK, "en", False),
)
LOOKS = {
    None: (
        "/sign-in",
        "/forgot-password",
        "/sign-in/second",
        "/sign-in/set-up",
        "/privacy",
        "/what-if",
        "/accessibility",
        "/code",
        "/code/ABCDEFGHJKMN",
        "/kiosk",
        "/link/no-such",
        "/no-such-page",
    ),
    "Eva": (
        "/",
        "/diary",
        "/anonymity",
        "/anonymity/{published}",
        "/me",
        "/me/log",
        "/me/data",
        "/me/data/erase",
        "/me/security",
        "/me/security/app",
        "/me/security/confirm",
        "/me/security/password",
        "/conversation",
        "/flag-rules",
        "/incidents",
        "/incidents/new",
        "/my-unit",
        "/my-unit/support",
        "/my-unit/effects",
        "/support",
        "/support/sessions",
        "/support/sessions?form=crisis_help",
        "/check-in/{round}",
        "/check-in/{round}/receipt",
    ),
    "Ole": (
        "/teams/{team_b}",
        "/teams/{team_b}/apv",
        "/teams/{team_b}/conversation",
        "/teams/{team_b}/effects",
        "/teams/{team_b}/incidents",
        "/teams/{team_b}/support",
        "/teams/incidents/{incident}",
        "/teams/incidents/{incident}/correct",
    ),
    "Hanne": (
        "/teams",
        "/teams/{organisation}",
        "/teams/{team_c}",
        "/hr",
        "/hr/effects",
        "/teams/{organisation}/apv",
        "/teams/{organisation}/effects",
        "/hr/flags/{flag}",
        "/hr/flags/{flag}/schedule",
        "/hr/incidents",
        "/hr/incidents/{incident}",
        "/hr/incidents/{incident}/correct",
        "/hr/keys",
        "/hr/ledger",
        "/hr/offers/{offer}",
        "/hr/offers/{offer}/schedule",
        "/hr/reference",
        "/hr/requests",
        "/hr/rounds",
        "/hr/rounds/{round}/letters",
        "/hr/programmes/new",
        "/hr/programmes/{programme}/occupation",
        "/hr/sessions/{session}",
        "/hr/sessions/{held}/record",
        "/hr/sessions/{session}/move",
        "/hr/supervision",
        "/hr/supervision?week={week}",
        "/hr/supervision/places",
        "/hr/supervision/places/{place}",
        "/hr/supervision/supervisors",
        "/hr/supervision/supervisors/{susan}",
        "/hr/supervision/series/new",
        "/hr/supervision/series/{series}",
        "/hr/themes",
        "/hr/units",
    ),
    "Sara": ("/teams/keys",),
    "Susan": ("/supervisor", "/supervisor/availability", "/supervisor/sessions/{held}"),
    "Adam": (
        "/admin",
        "/admin/audit",
        "/admin/status",
        "/admin/questionnaire",
        "/admin/questionnaire/{form}",
        "/admin/questionnaire",
        "/admin/questionnaire/{form}",
        "/admin/webhooks",
    ),
}


def strain(site: Site) -> None:
    """Four quarters of which the last two wore team B out."""
    for answers in (STEADY, STEADY, WORN, WORN):
        round_id = site.rounds.open()
        site.rounds.answer_all(round_id, site.cast.members_of("team_a"), STEADY)
        site.rounds.answer_all(round_id, site.cast.members_of("team_b"), answers)
        assert site.rounds.publish(round_id)
        site.forward(days=91)


def fill(strained: Site) -> dict[str, object]:
    """Something to see on every page, and what stands in the addresses of LOOKS."""
    now, published = strained.clock.now(), strained.find_ids()["round_id"][0]
    held = _hold_supervision(strained)
    with strained.database.writing(Reach.ADMIN) as session:
        form_id = import_wording(session, wording_of(), "form.pdf", now=now, by=BY).id
    with strained.database.writing(Reach.EVERYTHING) as session:
        values = IncidentValues(strained.cast.units["team_b"], IncidentKind.THREAT, now.date(), 2)
        incident = register_incident(
            session,
            values,
            form_id=uuid4(),
            person_id=strained.cast.people["Karl"],
            named=False,
            today=now.date(),
            now=now,
            by=BY,
        )
        incident_id = incident.id
    round_id, ids = strained.rounds.open(), strained.find_ids()
    return {
        **strained.cast.units,
        **open_desk(strained),
        "round": round_id,
        "published": published,
        "held": held,
        "incident": incident_id,
        "flag": ids["flag_id"][0],
        "programme": ids["programme_id"][0],
        "form": form_id,
        "susan": strained.cast.people["Susan"],
    }


def find_faults_everywhere(
    site: Site,
    open_for: Callable[[str | None], Window],
    places: Mapping[str, object],
    language: str,
) -> list[str]:
    """What is wrong on any page of LOOKS, each seen by its own person in this language."""
    faults: list[str] = []
    for name, paths in LOOKS.items():
        if name:
            site.visitor(name, language)
        seen = open_for(name)
        for path in paths:
            seen.go(path.format(**places))
            assert seen.page.get_attribute("html", "lang") == language
            seen.errors = [
                error for error in seen.errors if "404" not in error and "410" not in error
            ]
            faults += seen.find_faults()
    return faults


def _hold_supervision(site: Site) -> UUID:
    """In both teams with figures, after the second round; one of the sessions."""
    with site.database.writing(Reach.EVERYTHING) as session:
        day = find_rounds(session)[1].closed_on + timedelta(days=1)
        for team in ("team_a", "team_b"):
            add_held(session, site.cast.units[team], site.cast.people["Susan"], day)
        session.flush()
        held = select(SupportSession.id).where(SupportSession.state == SessionState.HELD)
        return session.scalars(held).first() or uuid4()


def open_desk(site: Site) -> dict[str, object]:
    """Susan gives hours, a team meets her in a series, and Eva has booked a talk; their ids."""
    now, people, units = site.clock.now(), site.cast.people, site.cast.units
    monday = now.date() + timedelta(days=7 - now.date().weekday())
    with site.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, people["Susan"], now)
        room = add_place(session, PlaceValues("Loftet", 10), now=now, by=HR)
        values = SeriesValues(
            form=SupportForm.TEAM_SUPERVISION,
            supervisor_id=people["Susan"],
            every_weeks=6,
            first_day=monday + timedelta(days=1),
            until_day=monday + timedelta(weeks=20),
            start=time(13),
            length_minutes=90,
            place_id=room.id,
        )
        series_id = make_series(session, units["team_a"], values, zone=ZONE, now=now, by=HR)
        session_id = session.scalars(select(SupportSession.id)).first()
        form, today = SupportForm.OPEN_SUPERVISION, now.date()
        offer = offer_to_unit(session, units["team_a"], form, today=today, now=now, by=HR)
        slots = find_slots(session, SupportForm.DEFUSING, people["Eva"], zone=ZONE, now=now)
        wanted = WantedTime(
            SupportForm.DEFUSING, people["Susan"], slots[people["Susan"]][0].starts_at
        )
        book_slot(session, people["Eva"], wanted, zone=ZONE, now=now)
    found = {"offer": offer.id, "session": session_id, "place": room.id, "series": series_id}
    return {**found, "week": monday}

"""Does the database answer, does it keep what it confirms, and is it of this program's version?"""

from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from wellbeing.actions.health.findings import N_, Finding, Patient, broken, look, ok
from wellbeing.clock import utc_now
from wellbeing.store.audit import AuditEvent
from wellbeing.store.condition import read_condition
from wellbeing.store.reach import Reach
from wellbeing.store.schema import find_current, get_head
from wellbeing.store.sessions import Database

OLDEST_POSTGRESQL = 14
_APART = timedelta(seconds=5)
_FAR_APART = timedelta(minutes=2)

get_known_head = cache(get_head)


def check_database(patient: Patient) -> Finding:
    """That it answers, and that what it confirms survives a power cut."""
    found = read_condition(patient.database, patient.reach)
    if found.loses_on_crash:
        return broken(
            N_("The database can lose what it confirmed: set {names} as its manual says."),
            names=", ".join(found.loses_on_crash),
        )
    if not patient.database.is_sqlite and found.major < OLDEST_POSTGRESQL:
        return look(
            N_("{version} is old: plan to move to PostgreSQL {oldest} or newer."),
            version=found.version,
            oldest=OLDEST_POSTGRESQL,
        )
    return ok(N_("The database answers ({version})."), version=found.version)


def check_migrations(patient: Patient) -> Finding:
    """That the tables are those of this program."""
    current, head = find_version(patient.database, patient.reach), get_known_head()
    if current is None:
        return broken(N_("The database is empty: run wellbeing init."))
    if current != head:
        return broken(
            N_("The database is at version {current}, the program at {head}: see wellbeing db."),
            current=current,
            head=head,
        )
    return ok(N_("The database is at this program's version ({head})."), head=head)


def check_clock(patient: Patient) -> Finding:
    """That the clocks agree, time does not run backwards, and the zone is known."""
    try:
        ZoneInfo.no_cache(patient.settings.time_zone)
    except (ZoneInfoNotFoundError, OSError):
        return broken(
            N_("The time zone {zone} is not known here: install the package tzdata."),
            zone=patient.settings.time_zone,
        )
    theirs = read_condition(patient.database, patient.reach).now
    apart = abs(utc_now() - theirs) if theirs else timedelta()
    if apart > _APART:
        say = broken if apart > _FAR_APART else look
        return say(
            N_("This machine and the database are {seconds} seconds apart: let both keep time."),
            seconds=int(apart.total_seconds()),
        )
    with patient.reading() as session:
        newest = session.scalar(select(func.max(AuditEvent.at)))
    if newest and newest > patient.now + _FAR_APART:
        return broken(
            N_("Something is recorded for {moment}, which is ahead: set this machine's clock."),
            moment=f"{newest:%Y-%m-%d %H:%M} UTC",
        )
    return ok(N_("The clocks agree, and the time zone {zone} is known."), zone=_zone(patient))


def find_version(database: Database, reach: Reach) -> str | None:
    """The version of the tables; every process may ask for it, through the reach of signing in."""
    everything = database.is_sqlite or reach is Reach.EVERYTHING
    return find_current(database, Reach.EVERYTHING if everything else Reach.SIGN_IN)


def _zone(patient: Patient) -> str:
    return patient.settings.time_zone

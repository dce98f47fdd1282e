"""The free times of a supervisor as a form offers them: pressed, one fills in day and time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from wellbeing.actions.free_times import find_diaries, find_free_slots
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import LEAST_MINUTES, MOST_MINUTES
from wellbeing.web.hr.session_forms import SessionForm, usual_minutes
from wellbeing.web.shared.i18n import format_clock
from wellbeing.web.shared.services import services

Parsed = TypeVar("Parsed")

DAYS_LOOKED_AT = 56
DAYS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with free times; each is the wall-clock start and the value that its button sends."""

    day: date
    times: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What was found for a supervisor; `later` is where to look on, None when this is all."""

    supervisor: str
    has_hours: bool
    days: tuple[FreeDay, ...]
    later: date | None


def is_looking() -> bool:
    """Whether the form was sent to see free times or to choose one, not to schedule."""
    return bool({"find", "slot"} & request.form.keys())


def fill_in_slot(form: SessionForm) -> str:
    """Puts the free time that was pressed into the form; its clock, empty where none was."""
    slot = _read(datetime.fromisoformat, request.form.get("slot", ""))
    if slot is None:
        return ""
    form.day.data, form.start.data = slot.date(), slot.time()
    form.day.raw_data = form.start.raw_data = None
    return slot.strftime("%H:%M")


def find_free_times(db: Session, form: SessionForm) -> FreeTimes | None:
    """The free times of the supervisor chosen; None while nobody is."""
    names = {str(person_id): name for person_id, name in form.supervisors.items()}
    forms = {known.value for known in form.forms}
    if form.supervisor.data not in names or form.form.data not in forms:
        return None
    supervisor_id, zone = UUID(form.supervisor.data), services().settings.zone
    now = services().now()
    today = now.astimezone(zone).date()
    first_day = max(today, _read(date.fromisoformat, request.form.get("find", "")) or today)
    first_day = min(first_day, today + timedelta(days=365))
    last_day = first_day + timedelta(days=DAYS_LOOKED_AT)
    diaries = find_diaries(db, [supervisor_id], first_day=first_day, last_day=last_day, zone=zone)
    diary = diaries.get(supervisor_id)
    name = names[form.supervisor.data]
    if diary is None or not (diary.weekly or diary.exceptions):
        return FreeTimes(name, has_hours=False, days=(), later=None)
    asked, usual = form.length.data, usual_minutes(SupportForm(form.form.data))
    minutes = asked if asked and LEAST_MINUTES <= asked <= MOST_MINUTES else usual
    by_day: dict[date, list[tuple[str, str]]] = {}
    for slot in find_free_slots(
        diary, first_day=first_day, last_day=last_day, minutes=minutes, earliest=now
    ):
        local = slot.starts_at.astimezone(zone)
        value = local.strftime("%Y-%m-%dT%H:%M")
        by_day.setdefault(local.date(), []).append((format_clock(slot.starts_at, zone), value))
    days = [FreeDay(day, tuple(times)) for day, times in by_day.items()]
    later = days[DAYS_SHOWN].day if len(days) > DAYS_SHOWN else None
    return FreeTimes(name, has_hours=True, days=tuple(days[:DAYS_SHOWN]), later=later)


def _read(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    try:
        return parse(text)
    except ValueError:
        return None

"""What each form of support asks for, and how far ahead it is booked, from config/support.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.danish_holidays import danish_holidays
from wellbeing.domain.support_forms import SESSION_FORMS, SupportForm
from wellbeing.resources import folder

LEAST_MINUTES, MOST_MINUTES = 15, 480
_FORM_FIELDS = (
    "form",
    "usual_minutes",
    "least_minutes",
    "most_minutes",
    "least_people",
    "most_people",
    "booked_by",
)


class Booker(StrEnum):
    """For whom a form may be booked: HR for a unit, or a person for themselves."""

    UNIT = "unit"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class FormRule:
    """Length in minutes, group size in people, and who may book a form."""

    form: SupportForm
    usual_minutes: int
    least_minutes: int
    most_minutes: int
    least_people: int
    most_people: int
    booked_by: frozenset[Booker]


@dataclass(frozen=True, slots=True)
class BookingRules:
    """How soon and how far ahead a person books, from where free times count, and how many."""

    notice_hours: int
    days_ahead: int
    slot_minutes: int
    own_ahead: int


@dataclass(frozen=True, slots=True)
class SupportRules:
    """Everything config/support.toml says; `closed` are pairs of a month and a day."""

    forms: Mapping[SupportForm, FormRule]
    booking: BookingRules
    invite_days: int
    closed: frozenset[tuple[int, int]]

    def forms_for(self, booker: Booker) -> tuple[SupportForm, ...]:
        """The forms that may be booked for a unit, or by a person, in the order of the forms."""
        return tuple(f for f in SESSION_FORMS if booker in self.forms[f].booked_by)

    def is_closed(self, day: date) -> bool:
        """Whether weekly hours rest: a Danish public holiday, or a day the file names."""
        return (day.month, day.day) in self.closed or day in danish_holidays(day.year)


def load_support_rules(path: Path | None = None) -> SupportRules:
    """The rules in a TOML file, by default config/support.toml; BadInput says what is wrong."""
    return _load(path or folder("config") / "support.toml")


@cache
def _load(path: Path) -> SupportRules:
    file = CheckedTable.of_file(path)
    file.check_names("booking", "series", "calendar", "forms")
    rules = [_form_rule(entry) for entry in file.tables("forms")]
    by_form = {rule.form: rule for rule in rules}
    missing = [form.value for form in SESSION_FORMS if form not in by_form]
    if missing or len(by_form) < len(rules):
        raise file.fault(f"every form needs one table; look at {', '.join(missing or ['forms'])}.")
    series = file.table("series")
    series.check_names("invite_days")
    return SupportRules(
        forms=by_form,
        booking=_booking_rules(file.table("booking")),
        invite_days=_at_least(1, series, "invite_days"),
        closed=_closed_days(file.table("calendar")),
    )


def _form_rule(entry: CheckedTable) -> FormRule:
    entry.check_names(*_FORM_FIELDS)
    form = entry.text("form")
    if form not in SESSION_FORMS:
        raise entry.fault(f"'{form}' is not given in a session.")
    try:
        booked_by = frozenset(Booker(booker) for booker in entry.texts("booked_by"))
    except ValueError as error:
        raise entry.fault("'booked_by' takes unit and person.") from error
    rule = FormRule(
        form=SupportForm(form),
        usual_minutes=entry.whole_number("usual_minutes"),
        least_minutes=entry.whole_number("least_minutes"),
        most_minutes=entry.whole_number("most_minutes"),
        least_people=entry.whole_number("least_people"),
        most_people=entry.whole_number("most_people"),
        booked_by=booked_by,
    )
    _check_order(entry, LEAST_MINUTES, rule.least_minutes, rule.usual_minutes, rule.most_minutes)
    _check_order(entry, rule.most_minutes, MOST_MINUTES)
    _check_order(entry, 1, rule.least_people, rule.most_people)
    if not booked_by:
        raise entry.fault("'booked_by' is empty.")
    return rule


def _check_order(entry: CheckedTable, *numbers: int) -> None:
    if list(numbers) != sorted(numbers):
        raise entry.fault(f"{', '.join(map(str, numbers))} must not fall.")


def _booking_rules(entry: CheckedTable) -> BookingRules:
    names = ("notice_hours", "days_ahead", "slot_minutes", "own_ahead")
    entry.check_names(*names)
    floors = (0, 1, 5, 1)
    found = (_at_least(least, entry, name) for least, name in zip(floors, names, strict=True))
    return BookingRules(*found)


def _at_least(least: int, entry: CheckedTable, name: str) -> int:
    number = entry.whole_number(name)
    if number < least:
        raise entry.fault(f"'{name}' must be at least {least}.")
    return number


def _closed_days(entry: CheckedTable) -> frozenset[tuple[int, int]]:
    entry.check_names("closed")
    leap_year, days = 2024, []
    for text in entry.texts("closed"):
        try:
            day = date.fromisoformat(f"{leap_year}-{text}")
        except ValueError as error:
            raise entry.fault(f"'{text}' is no day; write 12-24.") from error
        days.append((day.month, day.day))
    return frozenset(days)

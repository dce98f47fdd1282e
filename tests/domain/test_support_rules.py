"""What each form of support asks for."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from wellbeing.domain.errors import BadInput
from wellbeing.domain.support_forms import SESSION_FORMS, SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.resources import folder

# By hand from config/support.toml: usual, least and most minutes, least and most people, for whom.
EXPECTED: dict[SupportForm, tuple[object, ...]] = {
    SupportForm.TEAM_SUPERVISION: (90, 60, 180, 3, 12, {Booker.UNIT}),
    SupportForm.INDIVIDUAL_SUPERVISION: (60, 30, 90, 1, 1, {Booker.PERSON}),
    SupportForm.PEER_SUPERVISION: (90, 45, 150, 3, 8, {Booker.UNIT}),
    SupportForm.OPEN_SUPERVISION: (90, 60, 150, 3, 12, {Booker.UNIT}),
    SupportForm.DEFUSING: (45, 15, 90, 1, 10, {Booker.UNIT, Booker.PERSON}),
    SupportForm.DEBRIEFING: (120, 60, 180, 2, 15, {Booker.UNIT}),
    SupportForm.CRISIS_HELP: (60, 30, 120, 1, 10, {Booker.UNIT, Booker.PERSON}),
}
Change = Callable[[str], str]


def test_every_form_that_is_given_in_a_session_is_expected_here() -> None:
    assert set(SESSION_FORMS) - EXPECTED.keys() == set()
    assert load_support_rules().forms.keys() == EXPECTED.keys()


@pytest.mark.parametrize("form", SESSION_FORMS)
def test_a_form_has_its_length_its_size_and_its_bookers(form: SupportForm) -> None:
    rule = load_support_rules().forms[form]
    minutes = (rule.usual_minutes, rule.least_minutes, rule.most_minutes)
    people = (rule.least_people, rule.most_people)
    assert (*minutes, *people, set(rule.booked_by)) == EXPECTED[form]


def test_nobody_books_a_debriefing_for_themselves() -> None:
    assert SupportForm.DEBRIEFING not in load_support_rules().forms_for(Booker.PERSON)


def test_public_holidays_and_the_days_of_the_file_are_closed() -> None:
    is_closed = load_support_rules().is_closed
    assert is_closed(date(2026, 4, 3))
    assert is_closed(date(2026, 12, 24))
    assert is_closed(date(2026, 6, 5))
    assert not is_closed(date(2026, 6, 4))


def _changed(tmp_path: Path, change: Change) -> Path:
    path = tmp_path / "support.toml"
    path.write_text(change((folder("config") / "support.toml").read_text(encoding="utf-8")))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('form = "debriefing"', 'form = "team_supervision"'),
        lambda text: text.replace('form = "debriefing"', 'form = "follow_up"'),
        lambda text: text.replace('form = "debriefing"', 'form = "no_such_form"'),
        lambda text: text.replace("usual_minutes = 45", "usual_minutes = 14"),
        lambda text: text.replace("usual_minutes = 45", "usual_minutes = 91"),
        lambda text: text.replace("most_minutes = 120", "most_minutes = 481"),
        lambda text: text.replace("least_people = 2", "least_people = 16"),
        lambda text: text.replace("least_people = 2", "least_people = 0"),
        lambda text: text.replace("least_people = 2", 'least_people = "two"'),
        lambda text: text.replace('booked_by = ["person"]', 'booked_by = ["leader"]'),
        lambda text: text.replace('booked_by = ["person"]', "booked_by = []"),
        lambda text: text.replace('"06-05"', '"02-30"'),
        lambda text: text.replace('"06-05"', '"midsommer"'),
        lambda text: text.replace("slot_minutes = 30", "slot_minutes = 0"),
        lambda text: text.replace("own_ahead = 3", "own_ahead = 0"),
        lambda text: text.replace("invite_days = 42", "invite_days = 0"),
        lambda text: text.replace("notice_hours = 2", "notice_days = 2"),
        lambda text: text + "\n[more]\nx = 1\n",
        lambda _text: "[[forms]",
    ],
)
def test_rules_that_cannot_be_are_refused_in_one_sentence(tmp_path: Path, change: Change) -> None:
    with pytest.raises(BadInput, match=r"support\.toml"):
        load_support_rules(_changed(tmp_path, change))


def test_the_last_day_of_february_can_be_closed(tmp_path: Path) -> None:
    path = _changed(tmp_path, lambda text: text.replace('"06-05"', '"02-29"'))
    assert load_support_rules(path).is_closed(date(2028, 2, 29))

"""Whom a person can turn to."""

from pathlib import Path

import pytest

from wellbeing.domain.errors import BadInput
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.texts import available_locales


def test_the_shipped_contacts_are_written_in_every_language() -> None:
    contacts = load_contacts()
    for contact in (*contacts.workplace, *contacts.outside, contacts.emergency):
        assert set(contact.name) == set(contact.about) == set(available_locales())


def test_a_number_is_dialled_without_its_spaces() -> None:
    assert load_contacts().outside[0].dialled == "70201201"


def test_a_language_that_is_missing_shows_the_first_one(tmp_path: Path) -> None:
    file = tmp_path / "help.toml"
    file.write_text('[emergency]\nnumber = "112"\nname = { da = "Alarm" }\nabout = { da = "Nu" }\n')
    emergency = load_contacts(file).emergency
    assert (emergency.name_in("en"), emergency.about_in("da")) == ("Alarm", "Nu")


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[emergency]\nnumber = ""\nname = { da = "x" }\nabout = { da = "x" }',
        '[emergency]\nnumber = "112"\nname = {}\nabout = { da = "x" }',
        '[emergency]\nnumber = "112"\nname = { da = "x" }',
    ],
)
def test_a_contact_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "help.toml"
    file.write_text(text)
    with pytest.raises(BadInput):
        load_contacts(file)


def test_hours_are_said_in_words_where_the_file_has_them(tmp_path: Path) -> None:
    file = tmp_path / "help.toml"
    contact = '[emergency]\nnumber = "112"\nname = { da = "Alarm" }\nabout = { da = "Nu" }\n'
    file.write_text(contact)
    assert load_contacts(file).emergency.hours_in("da") == ""
    with_hours = tmp_path / "hours.toml"
    with_hours.write_text(contact + 'hours = { da = "Hverdage 9-15" }\n')
    assert load_contacts(with_hours).emergency.hours_in("en") == "Hverdage 9-15"


def test_the_shipped_hours_are_written_in_every_language() -> None:
    contacts = load_contacts()
    for contact in (*contacts.workplace, *contacts.outside, contacts.emergency):
        assert set(contact.hours) in (set(), set(available_locales()))

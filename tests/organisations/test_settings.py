"""What an organisation has of its own, and what it has in common with the others."""

from pathlib import Path

import pytest

from tests.organisations.houses import Houses
from wellbeing.domain.errors import BadInput
from wellbeing.organisations import SHARED, check_name
from wellbeing.settings import Settings


@pytest.fixture
def houses(tmp_path: Path) -> Houses:
    """One organisation, without a database yet."""
    (tmp_path / "nord").mkdir()
    (tmp_path / "nord" / "settings.toml").write_text('base_url = "https://nord.example"\n')
    return Houses(tmp_path)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What somebody has set for all processes of the machine."""
    return monkeypatch


def test_what_tells_organisations_apart_never_comes_from_the_environment(
    houses: Houses, environment: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        if name not in SHARED:
            environment.setenv(f"WELLBEING_{name.upper()}", "1")
    settings = houses.settings("nord")
    assert settings.key_folder == houses.folder / "nord" / "keys"
    assert settings.deletion_log_file.is_relative_to(houses.folder / "nord")
    assert settings.anchor_path.is_relative_to(houses.folder / "nord")
    assert settings.base_url == "https://nord.example"
    assert (settings.oidc_issuer, settings.demo) == ("", False)


def test_what_they_have_in_common_does_and_its_own_file_wins(
    houses: Houses, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("WELLBEING_SMTP_HOST", "mail.example")
    environment.setenv("WELLBEING_SESSION_HOURS", "4")
    file = houses.folder / "nord" / "settings.toml"
    file.write_text(f"{file.read_text()}session_hours = 2\n")
    settings = houses.settings("nord")
    assert (settings.smtp_host, settings.session_hours) == ("mail.example", 2)


def test_every_shared_name_is_a_setting() -> None:
    assert set(Settings.model_fields) >= SHARED


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("colour = 1", "colour"),
        ('time_zone = "Europe/Atlantis"', "no time zone"),
        ("not toml", "cannot be read"),
        ('database_schema = "org_syd"', "follows from the name"),
        ('database_url = "sqlite:////tmp/one.db"', "an SQLite file of its own"),
    ],
)
def test_what_cannot_be_used_is_named(houses: Houses, line: str, word: str) -> None:
    file = houses.folder / "nord" / "settings.toml"
    file.write_text(f"{file.read_text()}{line}\n")
    said = houses.run("--org", "nord", "published")
    assert said.code == 2
    assert word in said.err


def test_without_an_address_it_is_none(houses: Houses) -> None:
    (houses.folder / "nord" / "settings.toml").write_text('base_url = "nord"\n')
    assert "must name a base_url" in houses.run("--org", "nord", "published").err


@pytest.mark.parametrize("name", ["", "Nord", "1a", "a-b", "../x", "a" * 29, "å", "a b", 'x"'])
def test_a_name_that_cannot_be_a_schema_is_refused(houses: Houses, name: str) -> None:
    with pytest.raises(BadInput, match="28 small letters"):
        check_name(name)
    assert houses.run("org", "add", name, "--base-url", "https://x.example").code == 2


def test_a_name_or_address_cannot_write_another_setting(houses: Houses) -> None:
    given = ("--base-url", "https://x.example", "--title")
    for title in ('x"\nkeys = "/tmp', "x\0"):
        assert houses.run("org", "add", "syd", *given, title).code == 2
    assert houses.run("org", "add", "syd", *given, 'a "b" \\').code == 0
    assert houses.settings("syd").organisation == 'a "b" \\'
    assert houses.organisation("syd").settings_file.stat().st_mode & 0o777 == 0o600


def test_the_environment_names_the_organisation_as_the_option_does(houses: Houses) -> None:
    said = houses.run("published", WELLBEING_ORG="vest")
    assert "There is no organisation 'vest'" in said.err


def test_nothing_to_upgrade_is_told(tmp_path: Path) -> None:
    said = Houses(tmp_path).run("db", "upgrade", "--all-organisations")
    assert (said.code, "There are no organisations" in said.err) == (2, True)

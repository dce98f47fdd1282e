"""Many organisations on one machine: a folder each, with its settings, its keys and its data.

    organisations/
      nord/settings.toml    what is this organisation's own: name, address, mail, sign-in
      nord/keys/            its keys, as docs/backup.md has them

Everything else comes from the environment and config/wellbeing.toml, as for a single organisation.
What has to differ from one organisation to the next never comes from there: a key folder in the
environment would be the key folder of all.
"""

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wellbeing.domain.errors import BadInput
from wellbeing.settings import Settings

SETTINGS_FILE = "settings.toml"
# What organisations may have in common, and so may take from the environment.
SHARED = frozenset(
    {
        "time_zone",
        "default_language",
        "database_url",
        "database_password_file",
        "smtp_host",
        "smtp_port",
        "smtp_user",
        "smtp_password",
        "smtp_starttls",
        "mail_from",
        "sms_gateway",
        "sms_url",
        "sms_token",
        "sms_format",
        "sms_sender",
        "proxies",
        "quiet_from",
        "quiet_until",
        "session_hours",
        "idle_minutes",
        "second_factor_roles",
        "link_hours",
        "safe_exit_url",
        "audit_years",
        "leaving_months",
        "deletion_log_days",
    }
)
# Two organisations with one of these in common would be one.
_APART = ("keys", "mac_keys", "data", "deletion_log", "anchor_file", "reply_maildir")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,27}")


@dataclass(frozen=True)
class Organisation:
    """One organisation, known by a short name that is also the name of its folder and schema."""

    name: str
    folder: Path

    @property
    def schema(self) -> str:
        """Its schema in PostgreSQL."""
        return schema_of(self.name)

    @property
    def settings_file(self) -> Path:
        """Where its own settings are."""
        return self.folder / SETTINGS_FILE

    @cached_property
    def own(self) -> dict[str, Any]:
        """What its file says; BadInput when it cannot be read."""
        try:
            return tomllib.loads(self.settings_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise BadInput(f"{self.settings_file} cannot be read: {fault}.") from None

    @property
    def host(self) -> str:
        """The name that people reach it by, with a port unless it is the usual one; small letters.

        "" where its file names no address.
        """
        address = urlsplit(str(self.own.get("base_url", "")))
        usual = {"http": ":80", "https": ":443"}.get(address.scheme, "")
        return address.netloc.lower().removesuffix(usual) if usual else ""

    def read_settings(self) -> Settings:
        """Its settings; BadInput without an address, pydantic's error for any other fault."""
        if not self.host:
            raise BadInput(f"{self.settings_file} must name a base_url, https://…")
        fields = Settings.model_fields
        apart = {
            name: field.get_default(call_default_factory=True)
            for name, field in fields.items()
            if name not in SHARED
        }
        apart |= {"data": self.folder, "database_schema": self.schema}
        settings = Settings(**{**apart, **self.own})
        if settings.database_schema != self.schema:
            raise BadInput(f"{self.settings_file}: the schema follows from the name of the folder.")
        if settings.database_url.startswith("sqlite"):
            raise BadInput(
                "With many organisations database_url is a PostgreSQL database, or left out: then "
                "each has an SQLite file of its own."
            )
        return settings


def schema_of(name: str) -> str:
    """The schema of an organisation; no other schema of the database begins with `org_`."""
    return f"org_{name}"


def check_name(name: str) -> None:
    """BadInput unless a name can be that of a folder, a schema and a role."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            "The short name of an organisation has up to 28 small letters, digits and _, and "
            f"begins with a letter: not {name!r}."
        )


def folder_of_organisations() -> Path:
    """Where the folders of organisations are, whether there are any or not."""
    named = os.environ.get("WELLBEING_ORGANISATIONS_FOLDER")
    return (
        Path(named)
        if named
        else Path(os.environ.get("WELLBEING_DATA", "wellbeing-data")) / ("organisations")
    )


def find_organisations() -> list[Organisation]:
    """All there are, by name; a folder without a settings file is none."""
    root = folder_of_organisations()
    found = sorted(root.iterdir()) if root.is_dir() else []
    return [
        Organisation(path.name, path)
        for path in found
        if _NAME.fullmatch(path.name) and (path / SETTINGS_FILE).is_file()
    ]


def get_organisation(name: str) -> Organisation:
    """The one of that name; BadInput when there is none."""
    check_name(name)
    organisation = Organisation(name, folder_of_organisations() / name)
    if not organisation.settings_file.is_file():
        raise BadInput(f"There is no organisation {name!r}. See `wellbeing org list`.")
    return organisation


def check_apart(organisations: Iterable[Organisation]) -> None:
    """BadInput naming those that share an address, a key folder or other files.

    A file that cannot be read is passed over: its organisation is told about where it is used.
    """
    seen: dict[tuple[str, str], str] = {}
    faults = []
    for organisation in organisations:
        try:
            places = _places_of(organisation)
        except BadInput:
            continue
        for place in places:
            other = seen.setdefault(place, organisation.name)
            if other != organisation.name:
                faults.append(f"{other} and {organisation.name}: {place[0]} {place[1]}")
    if faults:
        raise BadInput("These organisations are not apart.", tuple(faults))


def _places_of(organisation: Organisation) -> set[tuple[str, str]]:
    own = {"data": organisation.folder, **organisation.own}
    own.setdefault("keys", Path(str(own["data"])) / "keys")
    files = {("files", str(Path(str(own[name])).resolve())) for name in _APART if own.get(name)}
    return {("address", organisation.host), *files} - {("address", "")}

"""Settings: frozen, from config/wellbeing.toml, a file of the organisation, and the environment."""

from datetime import time
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from wellbeing.resources import folder

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SmsGateway(StrEnum):
    """Where text messages go; NONE means that none are sent."""

    NONE = ""
    FILE = "file"
    HTTP = "http"


class SmsFormat(StrEnum):
    """How the HTTP gateway is written to."""

    JSON = "json"
    FORM = "form"


class Settings(BaseSettings):
    """Every setting, each also an environment variable `WELLBEING_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="WELLBEING_", frozen=True, extra="forbid")

    organisation: str = "Organisation"
    data: Path = Path("wellbeing-data")
    keys: Path | None = None
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    time_zone: str = "Europe/Copenhagen"
    default_language: str = "da"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = False
    mail_from: str = "wellbeing@localhost"
    mail_reply_to: str = ""
    reply_maildir: Path | None = None
    sms_gateway: SmsGateway = SmsGateway.NONE
    sms_url: str = ""
    sms_token: str = ""
    sms_format: SmsFormat = SmsFormat.JSON
    sms_sender: str = Field(default="Wellbeing", max_length=16)
    proxies: int = Field(default=0, ge=0, le=5)
    quiet_from: time = time(20)
    quiet_until: time = time(7)
    session_hours: int = Field(default=8, ge=1, le=24)
    link_hours: int = Field(default=72, ge=1, le=336)
    safe_exit_url: str = "https://www.dmi.dk/"
    controller_contact: str = ""
    dpo_contact: str = ""
    legal_basis: dict[str, str] = Field(default_factory=dict)
    leaving_months: int = Field(default=6, ge=0, le=24)
    deletion_log: Path | None = None
    deletion_log_days: int = Field(default=400, ge=30, le=3650)
    demo: bool = False

    @field_validator("safe_exit_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://", "/")):
            raise ValueError("safe_exit_url must be a whole address, https://…")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError):
            raise ValueError(f"there is no time zone {value!r}") from None
        return value

    @model_validator(mode="after")
    def _some_hours_are_left(self) -> Self:
        if self.quiet_until >= self.quiet_from:
            raise ValueError("quiet_until must come before quiet_from on the clock")
        return self

    @model_validator(mode="after")
    def _messages_travel_encrypted(self) -> Self:
        address = urlsplit(self.sms_url)
        is_safe = address.scheme == "https" or (
            address.scheme == "http" and address.hostname in _LOOPBACK
        )
        if self.sms_gateway == SmsGateway.HTTP and not (is_safe and address.hostname):
            raise ValueError("sms_url must be an https address, or an http one of this machine")
        return self

    @field_validator("reply_maildir", "deletion_log", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's zone: wall-clock rules are read in it."""
        return ZoneInfo(self.time_zone)

    @property
    def key_folder(self) -> Path:
        """Where round keys lie: outside the database and its backups."""
        return self.keys or self.data / "keys"

    @property
    def deletion_log_file(self) -> Path:
        """What was deleted, kept outside the database and its backups."""
        return self.deletion_log or self.key_folder / "deletions.jsonl"

    @property
    def effective_database_url(self) -> str:
        """The database; by default an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data / 'wellbeing.db').resolve()}"

    @property
    def organiser_address(self) -> str:
        """Where answers to invitations go; where no other is set, the sender of all mail."""
        return self.mail_reply_to or self.mail_from

    @property
    def is_https(self) -> bool:
        """Whether people reach the service encrypted; cookies are then marked Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over the file."""
        file = TomlConfigSettingsSource(settings_cls, folder("config") / "wellbeing.toml")
        return init_settings, env_settings, file

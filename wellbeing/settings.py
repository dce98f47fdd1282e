"""Settings: frozen, from config/wellbeing.toml, a file of the organisation, and the environment."""

from datetime import time
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from wellbeing.resources import folder

RoleName = Literal[
    "employee",
    "leader",
    "hr",
    "safety_representative",
    "supervisor",
    "administrator",
    "dpo",
]
# These see or decide most: no setting lets them in with a password alone.
SECOND_FACTOR_FLOOR: frozenset[RoleName] = frozenset({"leader", "hr", "administrator"})
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SmsGateway(StrEnum):
    """Where text messages go; NONE means that none are sent."""

    NONE = ""
    FILE = "file"
    HTTP = "http"


class SmsFormat(StrEnum):
    """How the HTTP gateway is written to."""

    JSON = "json"
    FORM = "form"


class ScimUserName(StrEnum):
    """What the organisation's directory calls people by when it provisions them."""

    EMPLOYEE_NUMBER = "employee_number"
    EMAIL = "email"


class Settings(BaseSettings):
    """Every setting, each also an environment variable `WELLBEING_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="WELLBEING_", frozen=True, extra="forbid")

    organisation: str = "Organisation"
    data: Path = Path("wellbeing-data")
    keys: Path | None = None
    mac_keys: Path | None = None
    database_url: str = ""
    database_schema: str = Field(default="", pattern=r"^(org_[a-z][a-z0-9_]{0,27})?$")
    database_password_file: Path | None = None
    base_url: str = "http://127.0.0.1:8000"
    time_zone: str = "Europe/Copenhagen"
    default_language: str = "da"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = False
    mail_connections: int = Field(default=2, ge=1, le=16)
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
    idle_minutes: int = Field(default=60, ge=5, le=240)
    second_factor_roles: frozenset[RoleName] | None = None
    link_hours: int = Field(default=72, ge=1, le=336)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_label: str = Field(default="", max_length=60)
    oidc_match: str = "email_verified"
    oidc_only: bool = False
    oidc_second_factor: tuple[str, ...] = ()
    scim_user_name: ScimUserName = ScimUserName.EMPLOYEE_NUMBER
    webhook_own_networks: tuple[str, ...] = ()
    safe_exit_url: str = "https://www.dmi.dk/"
    controller_contact: str = ""
    dpo_contact: str = ""
    legal_basis: dict[str, str] = Field(default_factory=dict)
    anchor_file: Path | None = None
    anchor_mail: str = ""
    audit_years: int = Field(default=5, ge=1, le=30)
    leaving_months: int = Field(default=6, ge=0, le=24)
    deletion_log: Path | None = None
    deletion_log_days: int = Field(default=400, ge=30, le=3650)
    security_log: Path | None = None
    security_log_days: int = Field(default=90, ge=7, le=400)
    metrics_token_file: Path | None = None
    traces_url: str = ""
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
        if self.sms_gateway == SmsGateway.HTTP and not _is_encrypted(self.sms_url):
            raise ValueError("sms_url must be an https address, or an http one of this machine")
        return self

    @model_validator(mode="after")
    def _is_watched_safely(self) -> Self:
        if self.traces_url and not _is_encrypted(self.traces_url):
            raise ValueError("traces_url must be an https address, or an http one of this machine")
        if self.metrics_token_file and not self.metrics_token_file.is_file():
            raise ValueError("metrics_token_file must be a file with the token alone")
        return self

    @field_validator("anchor_mail")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        if any(address.strip().count("@") != 1 for address in value.split(",") if address.strip()):
            raise ValueError("anchor_mail must be mail addresses with commas between them")
        return value

    @field_validator("webhook_own_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(
                    f"webhook_own_networks names networks as 10.20.0.0/16, not {network!r}"
                ) from None
        return value

    @model_validator(mode="after")
    def _floor_is_kept(self) -> Self:
        missing = SECOND_FACTOR_FLOOR - self.required_second_factor
        if missing and not self.demo:
            raise ValueError(f"second_factor_roles must keep {', '.join(sorted(missing))}")
        return self

    @model_validator(mode="after")
    def _single_sign_on_is_whole(self) -> Self:
        if self.oidc_issuer and not _is_encrypted(self.oidc_issuer):
            raise ValueError("oidc_issuer must be an https address, or an http one of this machine")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id, too")
        if self.oidc_only and not self.oidc_issuer:
            raise ValueError("oidc_only would let nobody in without oidc_issuer")
        return self

    @model_validator(mode="after")
    def _password_can_be_read(self) -> Self:
        file = self.database_password_file
        if file is not None and not (file.is_file() and "@" in self.database_url):
            raise ValueError(
                "database_password_file must be a file, and database_url name the login: "
                "postgresql+psycopg://login@host/name"
            )
        return self

    @field_validator(
        "reply_maildir",
        "anchor_file",
        "oidc_client_secret_file",
        "mac_keys",
        "database_password_file",
        "deletion_log",
        "security_log",
        "metrics_token_file",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's zone: wall-clock rules are read in it."""
        return ZoneInfo(self.time_zone)

    @property
    def required_second_factor(self) -> frozenset[RoleName]:
        """The roles that nobody has with a password alone; none in a demo that says nothing."""
        if self.second_factor_roles is not None:
            return self.second_factor_roles
        return frozenset() if self.demo else SECOND_FACTOR_FLOOR

    @property
    def passkey_domain(self) -> str:
        """The name that passkeys belong to; "" where people come by a number, which has none."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return host
        return ""

    @property
    def key_folder(self) -> Path:
        """Where round keys lie: outside the database and its backups."""
        return self.keys or self.data / "keys"

    @property
    def anchor_path(self) -> Path:
        """Where anchors of the audit log are written: outside the database."""
        return self.anchor_file or self.data / "audit-anchors.jsonl"

    @property
    def anchor_addresses(self) -> tuple[str, ...]:
        """Who is mailed them."""
        found = (address.strip() for address in self.anchor_mail.split(","))
        return tuple(dict.fromkeys(address for address in found if address))

    @property
    def deletion_log_file(self) -> Path:
        """What was deleted, kept outside the database and its backups."""
        return self.deletion_log or self.key_folder / "deletions.jsonl"

    @property
    def security_folder(self) -> Path:
        """Where the security log is written, a file a day."""
        return self.security_log or self.data / "security-log"

    @property
    def effective_database_url(self) -> str:
        """The database with its password; by default an SQLite file in the data folder."""
        if self.database_password_file is None:
            return self.database_url or f"sqlite:///{(self.data / 'wellbeing.db').resolve()}"
        password = quote(self.database_password_file.read_text(encoding="utf-8").strip(), safe="")
        scheme, _, rest = self.database_url.partition("://")
        user, at, place = rest.partition("@")
        return f"{scheme}://{user.split(':')[0]}:{password}{at}{place}"

    @property
    def effective_oidc_secret(self) -> str:
        """The secret that we show the provider; "" where PKCE alone is enough for it."""
        file = self.oidc_client_secret_file
        return file.read_text(encoding="utf-8").strip() if file else self.oidc_client_secret

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


def _is_encrypted(url: str) -> bool:
    """Whether nobody between us and this address can read along."""
    address = urlsplit(url)
    on_this_machine = address.scheme == "http" and address.hostname in LOOPBACK
    return bool(address.hostname) and (address.scheme == "https" or on_this_machine)

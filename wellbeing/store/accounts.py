"""Class accounts: who exists, how they sign in, which roles they hold."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.org  # noqa: F401 (referred to by foreign keys)
from wellbeing.domain.duties import Duty
from wellbeing.domain.roles import Role
from wellbeing.domain.staff_cells import fold
from wellbeing.store.base import Base, Moment, enum_text
from wellbeing.store.sealed import (
    BlindIndex,
    SealedText,
    SealedValue,
    WithSealedTexts,
    needed,
    optional,
)


class PersonStatus(StrEnum):
    """Invited: has not chosen a password yet. Disabled: has left, cannot sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class LinkPurpose(StrEnum):
    """What a mailed single-use link lets its holder do."""

    ACTIVATION = "activation"
    RESET = "reset"


class Person(WithSealedTexts, Base):
    """Somebody at the workplace, known by employee number; name and addresses are sealed."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    employee_number: Mapped[str] = mapped_column(String(40), unique=True)
    sealed_name: Mapped[SealedValue] = mapped_column(SealedText("person.name"))
    sealed_email: Mapped[SealedValue | None] = mapped_column(SealedText("person.email"))
    email_index: Mapped[bytes | None] = mapped_column(BlindIndex("person.email"), unique=True)
    sealed_mobile: Mapped[SealedValue | None] = mapped_column(SealedText("person.mobile"))
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[PersonStatus] = mapped_column(enum_text(PersonStatus))
    reminders_stopped: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    # What the organisation's own directory calls this person; set by provisioning only.
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)

    name = needed("sealed_name")
    email = optional("sealed_email", index="email_index", index_of=fold)
    mobile = optional("sealed_mobile")


def has_address(address: str) -> ColumnElement[bool]:
    """Whether a person has this e-mail address, in whatever case: the one way to look it up."""
    return Person.email_index == fold(address.strip())


class BounceReason(StrEnum):
    """No such address: mail to it waits. Given up after three days: other mail still goes."""

    NO_SUCH_ADDRESS = "no_such_address"
    GIVEN_UP = "given_up"


class BouncedAddress(Base):
    """A person's address that mail did not reach. Outdated once they have another address."""

    __tablename__ = "bounced_address"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    email_index: Mapped[bytes] = mapped_column(BlindIndex("person.email"))
    reason: Mapped[BounceReason] = mapped_column(enum_text(BounceReason))
    since: Mapped[date]


class Credential(Base):
    """The argon2id hash of a person's password."""

    __tablename__ = "credential"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    password_hash: Mapped[str] = mapped_column(String(200))


class SignInLink(Base):
    """A mailed link: only the SHA-256 of its secret is kept; used once, before it expires."""

    __tablename__ = "sign_in_link"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_text(LinkPurpose))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class CheckInCode(Base):
    """The one-time code on a person's letter, card or text message for one round.

    When the answer is sent the hash is overwritten with that of no code: who may read the row
    cannot tell a code that was used from one that was not.
    """

    __tablename__ = "check_in_code"
    __table_args__ = ({"sqlite_with_rowid": False},)

    round_id: Mapped[UUID] = mapped_column(
        ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)


class SignInSession(Base):
    """A signed-in browser; deleting the row signs it out at once.

    `round_id`: signed in with a one-time code, which opens the check-in of that round only.
    `awaits_second_factor`: the password fitted and nothing else yet; gives no role.
    `confirmed_at`: when the person last showed who they are, for acts that ask again.
    `provider_session`: the hash of the single sign-on session it came from, which can end it.
    """

    __tablename__ = "sign_in_session"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(String(80), default="")
    awaits_second_factor: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    provider_session: Mapped[str | None] = mapped_column(String(64), index=True)


class AuthenticatorApp(WithSealedTexts, Base):
    """The sealed secret of the app that shows six digits; `last_step` refuses a code twice."""

    __tablename__ = "authenticator_app"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    sealed_secret: Mapped[SealedValue] = mapped_column(
        SealedText("authenticator_app.secret", length=200)
    )
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)

    secret = needed("sealed_secret", row="person_id")


class SignInRecoveryCode(Base):
    """One printed code that stands for the second factor once; used codes are deleted."""

    __tablename__ = "sign_in_recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class SignInPasskey(Base):
    """A passkey that signs its owner in: its public key, which is no secret."""

    __tablename__ = "sign_in_passkey"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(JSON)
    name: Mapped[str] = mapped_column(String(60))
    added_on: Mapped[date]


class ExternalIdentity(Base):
    """Who a person is to the organisation's own sign-in (OpenID Connect)."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("person_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class ApiToken(Base):
    """What another system signs in with: only the SHA-256 of its secret is kept."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    used_on: Mapped[date | None]


class RoleGrant(Base):
    """A role held by a person, for one unit and all below it, or for everything (no unit)."""

    __tablename__ = "role_grant"
    __table_args__ = (Index(None, "unit_id", "role"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(enum_text(Role))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))


class KeyHolder(Base):
    """Who can give a share of a round's key; the private half is locked by their own code."""

    __tablename__ = "key_holder"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    duty: Mapped[Duty] = mapped_column(enum_text(Duty))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    locked_by_code: Mapped[bytes] = mapped_column(LargeBinary(200))
    made_on: Mapped[date]


class RateCount(Base):
    """How often a key (already hashed) was used in its window; for rate limits only."""

    __tablename__ = "rate_count"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)

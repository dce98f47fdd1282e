"""Class personal: who takes part, sealed ballots, sealed diaries.

Nothing here holds a time, a sequence or an ordered key, and no row joins a person to a score.
"""

from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts
import wellbeing.store.org  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base

_BY_KEY_ONLY = {"sqlite_with_rowid": False}
# After a round closes every row of it is stored again, and none may tell when it first was. With
# half of each page free that happens in place, and no index has to take in a million keys anew.
_WITH_ROOM = {**_BY_KEY_ONLY, "postgresql_with": {"fillfactor": 45}}


class Participation(Base):
    """A person on the frozen roster of a round; `done` is set once, by compare-and-set.

    No reporting unit: the person leads everything above them, so no figure may count them.
    """

    __tablename__ = "participation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "reporting_unit_id"], ["round_unit.round_id", "round_unit.unit_id"]
        ),
        _WITH_ROOM,
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    reporting_unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    done: Mapped[bool] = mapped_column(default=False)


class Ballot(Base):
    """A sealed answer: scores, unit and wording, readable only with the round's private key."""

    __tablename__ = "ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "unit_id"], ["round_unit.round_id", "round_unit.unit_id"]
        ),
        Index(None, "round_id", "unit_id"),
        _WITH_ROOM,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[UUID] = mapped_column(Uuid)
    sealed: Mapped[bytes] = mapped_column(LargeBinary(512))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class DiaryKey(Base):
    """A person's diary key pair; the private half is locked by their code and a recovery code."""

    __tablename__ = "diary_key"
    __table_args__ = (_BY_KEY_ONLY,)

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    locked_by_code: Mapped[bytes] = mapped_column(LargeBinary(200))
    locked_by_recovery: Mapped[bytes] = mapped_column(LargeBinary(200))


class DiaryPasskey(Base):
    """The private half of a diary key once more, locked by what one passkey makes of `salt`."""

    __tablename__ = "diary_passkey"
    __table_args__ = (_BY_KEY_ONLY,)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("diary_key.person_id", ondelete="CASCADE"), index=True
    )
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023))
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    locked: Mapped[bytes] = mapped_column(LargeBinary(200))


class DiaryEntry(Base):
    """One check-in as its writer alone can read it."""

    __tablename__ = "diary_entry"
    __table_args__ = (_BY_KEY_ONLY,)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary(600))

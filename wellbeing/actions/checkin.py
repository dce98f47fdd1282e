"""Answering a round: one ballot a person, sealed at once; correcting and withdrawing it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.codes import use_up_code
from wellbeing.actions.deletion_notes import note_withdrawal
from wellbeing.actions.wordings import get_wording
from wellbeing.crypto.ballots import (
    OpenedBallot,
    ballot_mac,
    make_ballot_id,
    make_receipt,
    read_receipt,
    seal_ballot,
)
from wellbeing.crypto.diaries import seal_entry
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Wording, load_instrument
from wellbeing.domain.scoring import check_answers, score
from wellbeing.store.base import Base
from wellbeing.store.locks import hold_round
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, Participation

_RoundRow = Row[UUID, RoundState, datetime, str | None]

# What every answer needs, put together once and on tables rather than objects: making a statement
# anew costs three times as much as running it.
_taking_part, _ballot, _entry = (
    Base.metadata.tables[entity.__tablename__] for entity in (Participation, Ballot, DiaryEntry)
)
_OPEN_FOR = (
    select(Round.id, Round.closes_at, Participation.done, Participation.reporting_unit_id)
    .join(Participation, Participation.round_id == Round.id)
    .where(
        Participation.person_id == bindparam("person"),
        Round.state == RoundState.OPEN,
        Round.closes_at > bindparam("now"),
    )
)
_ROUND = select(Round.id, Round.state, Round.closes_at, Round.public_key).where(
    Round.id == bindparam("round")
)
_CLAIM = (
    update(_taking_part)
    .where(
        _taking_part.c.round_id == bindparam("round"),
        _taking_part.c.person_id == bindparam("person"),
        _taking_part.c.done.is_(False),
    )
    .values(done=True)
    .returning(_taking_part.c.reporting_unit_id)
)
_KEEP_BALLOT, _KEEP_ENTRY = insert(_ballot), insert(_entry)
_DIARY_KEY_OF = select(DiaryKey.public_key).where(DiaryKey.person_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class OpenCheckin:
    """A round that is open for a person; not counted means: a result, but no ballot."""

    round_id: UUID
    closes_at: datetime
    done: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of pressing send. `receipt` is None where no ballot is kept."""

    scores: tuple[int, int, int]
    receipt: str | None
    already_received: bool
    in_diary: bool


@dataclass(frozen=True)
class Answers:
    """One person's thirty answers (1–5, 0 = rather not) and the language they were given in.

    `asked`: the words of this round in that language, where they have just been looked up.
    """

    values: tuple[int, ...]
    locale: str
    asked: Wording | None = None

    @cached_property
    def scores(self) -> tuple[int, int, int]:
        """CS, BO, STS; 0 where not scored. BadInput unless there are thirty answers of 0–5."""
        check_answers(np.array([self.values]))
        sheet: NDArray[np.uint8] = np.array([self.values], dtype=np.uint8)
        cs, bo, sts = score(sheet, load_instrument())[0]
        return int(cs), int(bo), int(sts)


def find_open_checkin(session: Session, person_id: UUID, *, now: datetime) -> OpenCheckin | None:
    """The round open for this person now, if any."""
    row = session.execute(_OPEN_FOR, {"person": person_id, "now": now}).first()
    if row is None:
        return None
    return OpenCheckin(row.id, row.closes_at, row.done, row.reporting_unit_id is not None)


def send(
    session: Session,
    answers: Answers,
    *,
    person_id: UUID,
    round_id: UUID,
    form_id: UUID,
    keys: RoundKeys,
    now: datetime,
) -> Sent:
    """Stores one sealed ballot, whoever presses send how often; all in the caller's transaction.

    `form_id` was made with the form, so a repeat of the same form gets its receipt again.
    """
    round_ = _get_open_round(session, round_id, now)
    mac_key = keys.get_mac(round_id)
    ballot_id = make_ballot_id(mac_key, form_id=form_id, person_id=person_id)
    claimed = session.execute(_CLAIM, {"round": round_id, "person": person_id}).first()
    if claimed is None:
        return _already_received(session, answers, person_id, round_id, ballot_id, keys)
    use_up_code(session, round_id, person_id)
    if claimed.reporting_unit_id is None:
        is_in_diary = _write_diary(session, answers, person_id, round_id, None, now)
        return Sent(answers.scores, None, False, is_in_diary)
    row = _sealed_row(session, answers, round_, claimed.reporting_unit_id, ballot_id, mac_key)
    session.execute(_KEEP_BALLOT, row)
    receipt = make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)
    is_in_diary = _write_diary(session, answers, person_id, round_id, receipt, now)
    return Sent(answers.scores, receipt, False, is_in_diary)


def correct(
    session: Session,
    answers: Answers,
    receipt: str,
    *,
    person_id: UUID,
    round_id: UUID,
    keys: RoundKeys,
    now: datetime,
) -> Sent:
    """Replaces the ballot that the receipt names, as often as wanted until the round closes."""
    round_ = _get_open_round(session, round_id, now)
    mac_key = keys.get_mac(round_id)
    ballot_id = read_receipt(receipt, mac_key, round_id=round_id, person_id=person_id)
    unit_id = _get_ballot_unit(session, ballot_id, round_id)
    row = _sealed_row(session, answers, round_, unit_id, ballot_id, mac_key)
    replaced = session.execute(
        update(Ballot)
        .where(Ballot.id == ballot_id)
        .values(sealed=row["sealed"], mac=row["mac"])
        .returning(Ballot.id)
    ).first()
    if replaced is None:
        raise Refused("That answer has already been withdrawn.")
    whole = make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)
    is_in_diary = _write_diary(session, answers, person_id, round_id, whole, now)
    return Sent(answers.scores, whole, False, is_in_diary)


def check_receipt(
    session: Session,
    receipt: str,
    *,
    person_id: UUID,
    round_id: UUID,
    keys: RoundKeys,
    now: datetime,
) -> None:
    """Raises BadInput or Refused unless this receipt can correct or withdraw a ballot now."""
    _get_open_round(session, round_id, now)
    ballot_id = read_receipt(
        receipt, keys.get_mac(round_id), round_id=round_id, person_id=person_id
    )
    _get_ballot_unit(session, ballot_id, round_id)


def withdraw(
    session: Session,
    receipt: str,
    *,
    person_id: UUID,
    round_id: UUID,
    keys: RoundKeys,
    now: datetime,
) -> None:
    """Deletes the ballot that the receipt names; the person may answer again until closing."""
    _get_open_round(session, round_id, now)
    ballot_id = read_receipt(
        receipt, keys.get_mac(round_id), round_id=round_id, person_id=person_id
    )
    deleted = session.execute(
        delete(Ballot)
        .where(Ballot.id == ballot_id, Ballot.round_id == round_id)
        .returning(Ballot.id)
    ).first()
    # Only whoever took the ballot away may free the place: a second, slower withdrawal would free
    # it again after a new answer, and the count of ballots would no longer fit.
    if deleted is None:
        raise Refused("That answer has already been withdrawn.")
    session.execute(
        update(Participation)
        .where(Participation.round_id == round_id, Participation.person_id == person_id)
        .values(done=False)
    )
    note_withdrawal(
        session,
        keys.get_mac(round_id),
        ballot_id=ballot_id,
        round_id=round_id,
        person_id=person_id,
    )


def _get_open_round(session: Session, round_id: UUID, now: datetime) -> _RoundRow:
    hold_round(session, round_id, alone=False)
    round_ = session.execute(_ROUND, {"round": round_id}).first()
    if round_ is None or round_.state is RoundState.PLANNED:
        raise Refused("There is no check-in open for you right now.")
    if round_.state is not RoundState.OPEN or now >= round_.closes_at:
        raise Refused("This round has closed, so nothing more can be sent.")
    return round_


def _already_received(
    session: Session,
    answers: Answers,
    person_id: UUID,
    round_id: UUID,
    ballot_id: UUID,
    keys: RoundKeys,
) -> Sent:
    taking_part = session.get(Participation, (round_id, person_id))
    if taking_part is None:
        raise Refused("There is no check-in open for you right now.")
    same_form = session.scalar(
        select(Ballot.id).where(
            Ballot.id == ballot_id,
            Ballot.round_id == round_id,
            Ballot.unit_id == taking_part.reporting_unit_id,
        )
    )
    receipt = None
    if same_form:
        mac_key = keys.get_mac(round_id)
        receipt = make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)
    return Sent(answers.scores, receipt, True, False)


def _get_ballot_unit(session: Session, ballot_id: UUID, round_id: UUID) -> UUID:
    unit_id = session.scalar(
        select(Ballot.unit_id).where(Ballot.id == ballot_id, Ballot.round_id == round_id)
    )
    if unit_id is None:
        raise Refused("That answer has already been withdrawn.")
    return unit_id


def _sealed_row(
    session: Session,
    answers: Answers,
    round_: _RoundRow,
    unit_id: UUID,
    ballot_id: UUID,
    mac_key: bytes,
) -> dict[str, object]:
    wording = answers.asked or get_wording(session, round_.id, (answers.locale,))
    assert round_.public_key is not None
    opened = OpenedBallot(answers.scores, unit_id, wording.sha256)
    sealed = seal_ballot(opened, ballot_id=ballot_id, public_key_hex=round_.public_key)
    mac = ballot_mac(
        mac_key, ballot_id=ballot_id, round_id=round_.id, unit_id=unit_id, sealed=sealed
    )
    return {
        "id": ballot_id,
        "round_id": round_.id,
        "unit_id": unit_id,
        "sealed": sealed,
        "mac": mac,
    }


def _write_diary(
    session: Session,
    answers: Answers,
    person_id: UUID,
    round_id: UUID,
    receipt: str | None,
    now: datetime,
) -> bool:
    public_key = session.scalar(_DIARY_KEY_OF, {"person": person_id})
    if public_key is None:
        return False
    entry = {
        "at": now.isoformat(),
        "answers": "".join(str(value) for value in answers.values),
        "scores": list(answers.scores),
        "receipt": receipt,
        "round": round_id.hex,
        "locale": answers.locale,
    }
    sealed = seal_entry(entry, public_key)
    session.execute(_KEEP_ENTRY, {"id": uuid4(), "person_id": person_id, "sealed": sealed})
    return True

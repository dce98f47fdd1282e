"""Answering a round: one ballot a person, sealed at once; correcting and withdrawing it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.codes import use_up_code
from wellbeing.actions.deletion_notes import note_withdrawal
from wellbeing.actions.open_checkin import (
    IS_OPEN,
    AskedCheckin,
    OpenCheckin,
    check_open,
    hold_asked,
)
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
from wellbeing.domain.scoring import score
from wellbeing.store.base import Base
from wellbeing.store.locks import hold_round
from wellbeing.store.org import Round
from wellbeing.store.personal import Ballot, DiaryEntry, Participation

# Every answer runs these, so they are put together once, on tables rather than objects.
_round, _taking_part, _ballot, _entry = (
    Base.metadata.tables[entity.__tablename__]
    for entity in (Round, Participation, Ballot, DiaryEntry)
)
_CLAIM = (
    update(_taking_part)
    .where(
        _taking_part.c.round_id == bindparam("round"),
        _taking_part.c.person_id == bindparam("person"),
        _taking_part.c.done.is_(False),
        exists().where(_round.c.id == bindparam("round"), IS_OPEN),
    )
    .values(done=True)
    .returning(_taking_part.c.reporting_unit_id)
)
_KEEP_BALLOT, _KEEP_ENTRY = insert(_ballot), insert(_entry)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of pressing send, and what was asked. No receipt where no ballot is kept."""

    scores: tuple[int, int, int]
    receipt: str | None
    checkin: OpenCheckin
    wording: Wording
    already_received: bool = False
    in_diary: bool = False


@dataclass(frozen=True)
class Answers:
    """One person's thirty answers (1–5, 0 = rather not) and the languages they can be asked in,
    the best first.
    """

    values: tuple[int, ...]
    locales: tuple[str, ...]

    @cached_property
    def scores(self) -> tuple[int, int, int]:
        """CS, BO, STS; 0 where not scored. BadInput unless there are thirty answers of 0–5."""
        cs, bo, sts = score(np.array([self.values]), load_instrument())[0]
        return int(cs), int(bo), int(sts)


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
    asked = hold_asked(session, answers.locales, person_id=person_id, round_id=round_id, now=now)
    mac_key = keys.get_mac(round_id)
    ballot_id = make_ballot_id(mac_key, form_id=form_id, person_id=person_id)
    about = {"round": round_id, "person": person_id, "now": now}
    claimed = session.execute(_CLAIM, about).first()
    if claimed is None:
        check_open(session, round_id, now)
        receipt = _find_receipt(session, person_id, round_id, ballot_id, mac_key)
        return Sent(answers.scores, receipt, asked.checkin, asked.wording, already_received=True)
    if asked.has_code:
        use_up_code(session, round_id, person_id)
    receipt = None
    if claimed.reporting_unit_id is not None:
        row = _sealed_row(answers, asked, claimed.reporting_unit_id, ballot_id, mac_key)
        session.execute(_KEEP_BALLOT, row)
        receipt = make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)
    return _with_diary(session, answers, asked, receipt, person_id, now)


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
    asked = hold_asked(session, answers.locales, person_id=person_id, round_id=round_id, now=now)
    check_open(session, round_id, now)
    mac_key = keys.get_mac(round_id)
    ballot_id = read_receipt(receipt, mac_key, round_id=round_id, person_id=person_id)
    unit_id = _get_ballot_unit(session, ballot_id, round_id)
    row = _sealed_row(answers, asked, unit_id, ballot_id, mac_key)
    replaced = session.execute(
        update(Ballot)
        .where(Ballot.id == ballot_id)
        .values(sealed=row["sealed"], mac=row["mac"])
        .returning(Ballot.id)
    ).first()
    if replaced is None:
        raise Refused("That answer has already been withdrawn.")
    whole = make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)
    return _with_diary(session, answers, asked, whole, person_id, now)


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
    _hold_open(session, round_id, now)
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
    _hold_open(session, round_id, now)
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


def _hold_open(session: Session, round_id: UUID, now: datetime) -> None:
    hold_round(session, round_id, alone=False)
    check_open(session, round_id, now)


def _find_receipt(
    session: Session, person_id: UUID, round_id: UUID, ballot_id: UUID, mac_key: bytes
) -> str | None:
    """The receipt of the ballot that this very form made, if it is still there."""
    unit_of_person = (
        select(Participation.reporting_unit_id)
        .where(Participation.round_id == round_id, Participation.person_id == person_id)
        .scalar_subquery()
    )
    is_kept = session.scalar(
        select(Ballot.id).where(
            Ballot.id == ballot_id, Ballot.round_id == round_id, Ballot.unit_id == unit_of_person
        )
    )
    if not is_kept:
        return None
    return make_receipt(mac_key, ballot_id=ballot_id, round_id=round_id, person_id=person_id)


def _get_ballot_unit(session: Session, ballot_id: UUID, round_id: UUID) -> UUID:
    unit_id = session.scalar(
        select(Ballot.unit_id).where(Ballot.id == ballot_id, Ballot.round_id == round_id)
    )
    if unit_id is None:
        raise Refused("That answer has already been withdrawn.")
    return unit_id


def _sealed_row(
    answers: Answers, asked: AskedCheckin, unit_id: UUID, ballot_id: UUID, mac_key: bytes
) -> dict[str, object]:
    round_id = asked.checkin.round_id
    opened = OpenedBallot(answers.scores, unit_id, asked.wording.sha256)
    sealed = seal_ballot(opened, ballot_id=ballot_id, public_key_hex=asked.public_key)
    mac = ballot_mac(
        mac_key, ballot_id=ballot_id, round_id=round_id, unit_id=unit_id, sealed=sealed
    )
    return {
        "id": ballot_id,
        "round_id": round_id,
        "unit_id": unit_id,
        "sealed": sealed,
        "mac": mac,
    }


def _with_diary(
    session: Session,
    answers: Answers,
    asked: AskedCheckin,
    receipt: str | None,
    person_id: UUID,
    now: datetime,
) -> Sent:
    """What was sent, written into the diary of whoever keeps one."""
    if asked.diary_key is not None:
        entry = {
            "at": now.isoformat(),
            "answers": "".join(str(value) for value in answers.values),
            "scores": list(answers.scores),
            "receipt": receipt,
            "round": asked.checkin.round_id.hex,
            "locale": asked.wording.locale,
        }
        sealed = seal_entry(entry, asked.diary_key)
        session.execute(_KEEP_ENTRY, {"id": uuid4(), "person_id": person_id, "sealed": sealed})
    return Sent(
        answers.scores,
        receipt,
        asked.checkin,
        asked.wording,
        in_diary=asked.diary_key is not None,
    )

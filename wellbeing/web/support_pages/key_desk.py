"""The page of key holders, for HR and for safety representatives: one's key, and rounds to open."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from wellbeing.actions import key_holders as holding
from wellbeing.actions import round_shares as sharing
from wellbeing.domain.diary_codes import MIN_CODE_LENGTH
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import WellbeingError
from wellbeing.store.accounts import KeyHolder, Person
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.support_pages.key_forms import (
    ChangeKeyCodeForm,
    GiveShareForm,
    LeaveKeyForm,
    TakeKeyForm,
)

Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A round with two keys, the form to give one's share, and who has given."""

    round: sharing.SharedRound
    form: GiveShareForm
    givers: dict[Duty, str]
    is_asked: bool


@dataclass(slots=True)
class Desk:
    """What the page shows: one's own key, who holds keys, and the rounds."""

    duty: Duty
    holder: KeyHolder | None
    names: dict[Duty, list[str]]
    take: TakeKeyForm
    change: ChangeKeyCodeForm
    leave: LeaveKeyForm
    rounds: list[RoundCard]

    @property
    def is_other_side(self) -> bool:
        """Whether the key held is that of the other side."""
        return self.holder is not None and self.holder.duty is not self.duty


def key_page(duty: Duty, template: str, **more: object) -> Page:
    """The page, after whatever was pressed on it has been done or said to be wrong."""
    desk = _read_desk(duty)
    pressed, act = _find_pressed(desk)
    if pressed is not None and act is not None and pressed.validate():
        try:
            said = act()
        except WellbeingError as fault:
            pressed.form_errors.append(fault.in_words_of(gettext))
        else:
            flash(said, "kind")
            return redirect(request.path)
    page = render_template(
        template, desk=desk, pressed=pressed, min_length=MIN_CODE_LENGTH, sides=Duty, **more
    )
    has_faults = pressed is not None and pressed.errors
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if has_faults else HTTPStatus.OK


def whose_key() -> str:
    """Guesses at a code are counted for the key's holder and the address they come from."""
    return f"{signed_in().person_id}:{get_remote_address()}"


def _read_desk(duty: Duty) -> Desk:
    me = signed_in().person_id
    with reading() as db:
        holder = holding.find_holder(db, me)
        held = {side: set(keys) for side, keys in holding.find_holders(db).items()}
        rounds = sharing.find_shared_rounds(
            db, services().settings.key_folder, now=services().now()
        )
        givers = {giver for found in rounds for giver in found.givers.values()}
        names = _find_names(db, set().union(*held.values(), givers))
    return Desk(
        duty=duty,
        holder=holder,
        names={side: sorted(names[person] for person in people) for side, people in held.items()},
        take=TakeKeyForm(prefix="take-"),
        change=ChangeKeyCodeForm(prefix="change-"),
        leave=LeaveKeyForm(prefix="leave-"),
        rounds=[
            RoundCard(
                found,
                GiveShareForm(prefix=f"give-{found.id}-"),
                {side: names[giver] for side, giver in found.givers.items()},
                holder is not None and holder.duty is duty and found.needs(me, duty),
            )
            for found in rounds
        ],
    )


def _find_names(db: Session, people: set[UUID]) -> dict[UUID, str]:
    rows = db.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    known = {row.id: row.name for row in rows}
    return {person: known.get(person, gettext("somebody who has left")) for person in people}


def _find_pressed(desk: Desk) -> tuple[FlaskForm | None, Callable[[], str] | None]:
    do = request.form.get("do", "") if request.method == "POST" else ""
    kind, _, round_id = do.partition(":")
    if kind == "take":
        return desk.take, lambda: _take(desk)
    if kind == "change":
        return desk.change, lambda: _change(desk.change)
    if kind == "leave":
        return desk.leave, _leave
    card = next((card for card in desk.rounds if str(card.round.id) == round_id), None)
    if kind == "give" and card is not None:
        return card.form, lambda: _give(card)
    if kind == "take-back" and card is not None:
        return FlaskForm(), lambda: _take_back(card)
    return None, None


def _take(desk: Desk) -> str:
    now, settings = services().now(), services().settings
    with writing() as db:
        holding.become_holder(
            db,
            desk.take.code.data or "",
            desk.duty,
            person_id=signed_in().person_id,
            organisation=settings.organisation,
            today=now.astimezone(settings.zone).date(),
            now=now,
            by=actor(),
        )
    return str(gettext("You hold a key from the next round on. Keep the code safe."))


def _change(form: ChangeKeyCodeForm) -> str:
    with writing() as db:
        holding.change_code(
            db,
            form.old_code.data or "",
            form.code.data or "",
            person_id=signed_in().person_id,
            organisation=services().settings.organisation,
            now=services().now(),
            by=actor(),
        )
    return str(gettext("The code is changed."))


def _leave() -> str:
    with writing() as db:
        person_id, now = signed_in().person_id, services().now()
        holding.stop_holding(db, person_id=person_id, now=now, by=actor())
    return str(gettext("Your key is deleted."))


def _give(card: RoundCard) -> str:
    with writing() as db:
        both = sharing.give_share(
            db,
            card.round.id,
            card.form.code.data or "",
            person_id=signed_in().person_id,
            folder=services().settings.key_folder,
            closes_early=bool(card.form.closes_early.data),
            now=services().now(),
            by=actor(),
        )
    if both:
        return str(gettext("Both shares are given. The figures are there within a few minutes."))
    return str(gettext("Your share is given. The round now waits for the other side."))


def _take_back(card: RoundCard) -> str:
    with writing() as db:
        sharing.take_shares_back(
            db,
            card.round.id,
            person_id=signed_in().person_id,
            folder=services().settings.key_folder,
            now=services().now(),
            by=actor(),
        )
    return str(gettext("The share is taken back. The round closes on its day."))

"""Answers that arrive from somebody whose sign-in or page has grown old.

They travel on inside the page that is shown instead, through a new sign-in and back to the
questions. They are never stored, and whoever did not give them does not get them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm

from wellbeing.crypto.drafts import is_mark
from wellbeing.domain.answer_sheet import choice_of, field_name, read_page
from wellbeing.domain.instrument import ITEM_COUNT
from wellbeing.web.shared.forms import SignInForm
from wellbeing.web.shared.provider_door import find_door, has_own_ways_in
from wellbeing.web.shared.this_device import is_kiosk

CHECKIN = "employee.checkin"
_SIGN_IN = frozenset(
    {
        "shared.sign_in",
        "shared.sign_in_by_passkey",
        "shared.second_factor",
        "shared.set_up_factor",
        "shared.set_up_passkey",
    }
)
_KEPT_AS_THEY_ARE = {"mark": 32, "form_id": 36, "step": 1, "receipt": 400}


@dataclass(frozen=True, slots=True)
class Carried:
    """An unfinished check-in as form fields: which round, whose (by its mark), and the answers."""

    round_id: UUID
    fields: Mapping[str, str]
    answered: int

    def belongs_to(self, person_id: UUID) -> bool:
        """Whether this person gave the answers, on a page of ours."""
        keys = (current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"])
        mark = self.fields.get("mark", "")
        return any(is_mark(mark, key, person_id=person_id, round_id=self.round_id) for key in keys)


def find_carried() -> Carried | None:
    """What this request brings with it; None without answers, and on all other pages."""
    if is_kiosk():  # the next person would be shown them
        return None
    round_id = _find_round() if request.method == "POST" else None
    if round_id is None:
        return None
    answers = read_page(request.form, range(1, ITEM_COUNT + 1)).answers
    if not answers:
        return None
    given = {field_name(item): choice_of(answer) for item, answer in answers.items()}
    fields = {
        name: request.form[name][:length]
        for name, length in _KEPT_AS_THEY_ARE.items()
        if request.form.get(name)
    }
    return Carried(round_id, {**fields, **given}, len(given))


def sign_in_page(form: FlaskForm, carried: Carried | None, *, why: object = "") -> str:
    """The sign-in page, with what has to get through it."""
    wanted = url_for("shared.signed_in_again") if carried else request.args.get("next")
    return render_template(
        "shared/sign_in.html",
        form=form,
        carried=carried,
        why=why,
        door=find_door(wanted),
        own_ways=has_own_ways_in(),
    )


def page_that_keeps(carried: Carried, *, why: object) -> str:
    """What is shown instead of an error: sign in, or go on where the person was; says why."""
    if not current_user.is_authenticated:
        return sign_in_page(SignInForm(), carried, why=why)
    return going_on_page(carried, current_user.who.person_id, why=why)


def going_on_page(carried: Carried, person_id: UUID, *, why: object) -> str:
    """Back to the questions with one press; somebody else's answers are gone, and it says so."""
    kept = carried if carried.belongs_to(person_id) else None
    return render_template("shared/going_on.html", kept=kept, round_id=carried.round_id, why=why)


def _find_round() -> UUID | None:
    if request.endpoint == CHECKIN:
        return UUID(str((request.view_args or {})["round_id"]))
    if request.endpoint not in _SIGN_IN:
        return None
    try:
        return UUID(request.form.get("round_id", ""))
    except ValueError:
        return None

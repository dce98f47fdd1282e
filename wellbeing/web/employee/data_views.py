"""What is stored about oneself: read, taken along as a file, and erased where it is one's own."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.actions.own_data import Part, Value, find_own_data
from wellbeing.actions.own_erasure import Erasable, erase_own, find_erasable
from wellbeing.actions.own_ways_in import find_ways_in
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.pdf import can_render_pdf
from wellbeing.store.reach import Reach
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.data_words import COLUMNS, ERASABLE, PARTS, in_words
from wellbeing.web.shared.data_notice import current_notice
from wellbeing.web.shared.documents import send_private_pdf
from wellbeing.web.shared.i18n import (
    _,
    current_texts,
    format_day,
    format_moment,
    gettext,
)
from wellbeing.web.shared.services import reading, services, signed_in, writing

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part as the page shows it: the newest rows, in words, and how many more there are."""

    key: str
    title: str
    about: str
    how_long: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int


class EraseForm(FlaskForm):  # type: ignore[misc]
    """What to erase, and that it is meant."""

    what = SelectMultipleField(
        _("What shall be erased?"),
        [InputRequired(message=_("Choose at least one of them."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    confirm = BooleanField(
        _("Yes, erase what I have chosen"),
        [InputRequired(message=_("Tick the box if you are sure."))],
    )


@blueprint.get("/me/data")
def data() -> Page:
    """Everything stored about the person, in plain words, with how long each is kept."""
    return render_template(
        "employee/data.html", **_seen(most=_MOST_SHOWN), can_render_pdf=can_render_pdf()
    )


@blueprint.get("/me/data.json")
def data_json() -> Page:
    """The same as a file for other programs, whole."""
    said = {
        "organisation": services().settings.organisation,
        "made_on": _today(),
        "data": {part.key: list(part.rows) for part in _find_parts()},
        "not_in_this_file": gettext(
            "Your answers and scores: the service cannot tell which are yours. Your diary: open it "
            "with your code and download it there."
        ),
    }
    text = json.dumps(said, ensure_ascii=False, indent=2, default=_as_json)
    return _send(text, f"wellbeing-{_today()}.json", "application/json")


@blueprint.get("/me/data.pdf")
def data_pdf() -> Page:
    """The same as a document to read and keep, whole."""
    html = render_template("employee/data_pdf.html", **_seen(most=None))
    return send_private_pdf(html, f"wellbeing-{_today()}.pdf")


@blueprint.route("/me/data/erase", methods=["GET", "POST"])
def erase_data() -> Page:
    """Chooses and confirms what is erased; what stays and why stands beside it."""
    person_id, now = signed_in().person_id, services().now()
    with reading() as db:
        there = find_erasable(db, person_id, now=now)
    form = EraseForm()
    form.what.choices = [(what.value, ERASABLE[what][0]) for what in there]
    if there and form.validate_on_submit():
        with writing() as db:
            erase_own(db, person_id, {Erasable(what) for what in form.what.data or ()}, now=now)
        flash(gettext("What you chose is erased."), "kind")
        return redirect(url_for("employee.data"))
    page = render_template(
        "employee/data_erase.html",
        form=form,
        there=there,
        words=ERASABLE,
        leaving_months=services().settings.leaving_months,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _seen(*, most: int | None) -> dict[str, Any]:
    parts = _find_parts()
    return {
        "parts": [_show(part, most) for part in parts if part.rows],
        "empty": [PARTS[part.key][0] for part in parts if not part.rows],
        "today": services().now().astimezone(services().settings.zone).date(),
        "data_notice": current_notice(),
        "leaving_months": services().settings.leaving_months,
    }


def _find_parts() -> list[Part]:
    person_id = signed_in().person_id
    with reading() as db:
        parts = find_own_data(db, person_id)
    # How somebody signs in is beyond this area's reach, so it is asked for as the guard does.
    with services().database.reading(Reach.SIGN_IN) as db:
        return [*parts, *find_ways_in(db, person_id)]


def _show(part: Part, most: int | None) -> ShownPart:
    title, about = PARTS[part.key]
    rows = part.rows if most is None else part.rows[-most:]
    names = tuple(part.rows[0])
    return ShownPart(
        part.key,
        str(title),
        str(about),
        _say_how_long(part.retention),
        tuple(str(COLUMNS[name]) for name in names),
        tuple(tuple(_say(name, row[name]) for name in names) for row in rows),
        len(part.rows) - len(rows),
    )


def _say_how_long(key: str) -> str:
    table, language = load_retention_table(), current_texts().locale
    settings = services().settings.model_dump()
    for row in table.rows:
        if row.key == key:
            return row.say_how_long(language, settings)
    return str(gettext("As long as the audit log is kept; it knows you by a number only."))


def _say(column: str, value: Value) -> str:
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, datetime):
        return format_moment(value, services().settings.zone)
    if isinstance(value, date):
        return format_day(value)
    return in_words(column, str(value)) if value not in (None, "") else "–"


def _as_json(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


def _send(text: str, name: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _today() -> str:
    return services().now().astimezone(services().settings.zone).date().isoformat()

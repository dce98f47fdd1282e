"""The list of themes for session records; HR of the whole organisation keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import themes as acts
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.web.hr.ledger_forms import ThemeForm
from wellbeing.web.hr.pages import Page, blueprint, scope_of, status_of
from wellbeing.web.hr.scope import check_whole
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, services, writing


@blueprint.route("/hr/themes", methods=["GET", "POST"])
def themes() -> Page:
    """The list as it is; POST adds a theme, or brings one back."""
    form = ThemeForm()
    if form.validate_on_submit():
        try:
            with _list() as db:
                acts.add_theme(db, form.name.data or "", now=services().now(), by=actor())
        except (BadInput, Refused) as fault:
            form.name.errors = [fault.in_words_of(gettext)]
        else:
            return redirect(url_for("hr.themes"))
    return _page(form)


@blueprint.post("/hr/themes/<uuid:theme_id>")
def rename_theme(theme_id: UUID) -> Page:
    """Gives a theme another name."""
    form = ThemeForm()
    try:
        with _list() as db:
            acts.rename_theme(db, theme_id, form.name.data or "", now=services().now(), by=actor())
    except BadInput as fault:
        flash(fault.in_words_of(gettext), "warning")
    return redirect(url_for("hr.themes"))


@blueprint.post("/hr/themes/<uuid:theme_id>/active")
def set_theme_active(theme_id: UUID) -> Page:
    """Takes a theme off the list, or puts it back."""
    is_active = bool(request.form.get("active"))
    try:
        with _list() as db:
            acts.set_active(db, theme_id, is_active=is_active, now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    return redirect(url_for("hr.themes"))


@contextmanager
def _list() -> Iterator[Session]:
    """A session to write the list with; Missing for HR of a part of the organisation."""
    with writing() as db:
        check_whole(scope_of(db))
        yield db


def _page(form: ThemeForm) -> Page:
    with _list() as db:
        acts.add_first_themes(db)
        found = acts.find_themes(db)
    return render_template("hr/themes.html", form=form, themes=found), status_of(form)

"""What a supervisor offers and when: one page, for themselves and for HR."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from wellbeing.actions import supervisors as actions
from wellbeing.actions.free_times import Profile, find_profiles
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages.supervisor_forms import (
    WEEKDAYS,
    DeskForm,
    ExceptionForm,
    HoursForm,
    ProfileForm,
)

Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class _Desk:
    """The three forms of the page."""

    profile: ProfileForm
    hours: HoursForm
    exception: ExceptionForm

    def pressed(self) -> DeskForm | None:
        """The form that was sent."""
        asked = request.form.get("do")
        return next((form for form in self._all() if form.do == asked), None)

    def _all(self) -> tuple[DeskForm, ...]:
        return self.profile, self.hours, self.exception


def desk_page(supervisor_id: UUID, template: str, *, may_set_external: bool, **more: Any) -> Page:
    """The page, after whatever was pressed on it has been done or said to be wrong."""
    with reading() as db:
        profile = find_profiles(db, [supervisor_id]).get(supervisor_id)
    desk = _make_desk(profile, may_set_external=may_set_external)
    form = desk.pressed()
    if request.method == "POST" and "remove" in request.form:
        return _remove(supervisor_id)
    if form is not None and form.validate():
        try:
            with writing() as db:
                form.save(db, supervisor_id, now=services().now(), by=actor())
        except (BadInput, Refused) as fault:
            form.form_errors.append(fault.in_words_of(gettext))
        else:
            flash(gettext("Saved."), "kind")
            return redirect(request.path)
    page = render_template(
        template,
        desk=desk,
        profile=profile,
        pressed=form,
        weekdays=WEEKDAYS,
        may_set_external=may_set_external,
        today=_today(),
        **more,
    )
    has_faults = form is not None and form.errors
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if has_faults else HTTPStatus.OK


def _make_desk(profile: Profile | None, *, may_set_external: bool) -> _Desk:
    hours, exception = HoursForm(prefix="hours-"), ExceptionForm(prefix="exception-")
    shown = ProfileForm(prefix="profile-")
    if not may_set_external:
        del shown.is_external
    if not shown.is_submitted() or request.form.get("do") != ProfileForm.do:
        shown.show(profile)
    if not hours.is_submitted() or request.form.get("do") != HoursForm.do:
        hours.show(_today())
    return _Desk(shown, hours, exception)


def _remove(supervisor_id: UUID) -> Page:
    try:
        row_id = UUID(request.form["remove"])
    except ValueError:
        return redirect(request.path)
    with writing() as db:
        actions.remove_hours(db, supervisor_id, row_id, now=services().now(), by=actor())
    flash(gettext("Removed. Sessions that are already scheduled stay."), "kind")
    return redirect(request.path)


def _today() -> date:
    return services().now().astimezone(services().settings.zone).date()

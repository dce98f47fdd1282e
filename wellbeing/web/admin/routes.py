"""The administrator's pages: people and their access here, the rest in modules beside it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.actions import accounts, bounces
from wellbeing.actions import erasure_requests as erasure
from wellbeing.actions.second_factor import find_lacking, find_with_second_factor
from wellbeing.actions.second_factor import reset_second_factor as reset
from wellbeing.actions.single_sign_on import find_linked_among as find_linked
from wellbeing.actions.single_sign_on import unlink as unlink_identity
from wellbeing.store.accounts import BounceReason, PersonStatus
from wellbeing.web.admin import form_routes, log_routes, status_routes, webhook_routes, wording
from wellbeing.web.admin.blueprint import blueprint
from wellbeing.web.admin.forms import PeopleSearchForm
from wellbeing.web.admin.queries import find_people
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing

__all__ = ["blueprint", "form_routes", "log_routes", "status_routes", "webhook_routes"]


@blueprint.get("")
def people() -> str:
    """Everybody, those the words fit, or those whom mail does not reach: who they are and whether
    they can sign in.
    """
    form = PeopleSearchForm(request.args)
    words = form.q.data or "" if form.validate() else ""
    only_unreached = "unreached" in request.args
    with reading() as session:
        unreached = bounces.find_unreached(session)
        page = find_people(
            session, words, _wanted_page(), only=unreached.keys() if only_unreached else None
        )
        guarded = find_with_second_factor(session)
        lacking = find_lacking(session, services().settings.required_second_factor)
        linked = find_linked(session, [person.id for person in page.rows])
        asked = {UUID(who): at for who, at in erasure.find_all_asked(session).items()}
    return render_template(
        "admin/people.html",
        form=form,
        page=page,
        words=words,
        linked=linked,
        unreached=unreached,
        only_unreached=only_unreached,
        Bounce=BounceReason,
        myself=signed_in().person_id,
        guarded=guarded,
        lacking=lacking,
        roles=wording.ROLES,
        statuses=wording.STATUSES,
        Status=PersonStatus,
        asked=asked,
        grace=erasure.GRACE,
    )


@blueprint.post("/people/<uuid:person_id>/link")
def send_link(person_id: UUID) -> Response:
    """Mails the person a link to choose a password."""
    with writing() as session:
        person = accounts.send_link(session, person_id, by=actor(), now=services().now())
    flash(gettext("A link is on its way to %(name)s.", name=person.name), "kind")
    return _back()


@blueprint.post("/people/<uuid:person_id>/disable")
def disable(person_id: UUID) -> Response:
    """Closes the person's access at once."""
    with writing() as session:
        person = accounts.disable(session, person_id, by=actor(), now=services().now())
    flash(gettext("%(name)s can no longer sign in.", name=person.name), "kind")
    return _back()


@blueprint.post("/people/<uuid:person_id>/enable")
def enable(person_id: UUID) -> Response:
    """Opens the person's access again."""
    with writing() as session:
        person = accounts.enable(session, person_id, by=actor(), now=services().now())
    if person.email:
        said = gettext("%(name)s is invited anew: a link is on its way.", name=person.name)
    else:
        said = gettext("%(name)s is invited anew, but has no e-mail address.", name=person.name)
    flash(said, "kind" if person.email else "info")
    return _back()


@blueprint.post("/people/<uuid:person_id>/second-factor/reset")
def reset_second_factor(person_id: UUID) -> Response:
    """Takes the person's app, passkeys and recovery codes away and signs them out."""
    with writing() as session:
        person = reset(session, person_id, by=actor(), now=services().now())
    said = gettext("The second factor of %(name)s is reset, and a mail says so.", name=person.name)
    flash(said, "kind")
    return _back()


@blueprint.post("/people/<uuid:person_id>/mail")
def resume_mail(person_id: UUID) -> Response:
    """Lets mail go to the person's address again."""
    with writing() as session:
        person = bounces.try_again(session, person_id, by=actor(), now=services().now())
    flash(gettext("Mail to %(name)s goes out again.", name=person.name), "kind")
    return _back()


@blueprint.post("/people/mail")
def resume_all_mail() -> Response:
    """The same for everybody whom mail does not reach."""
    with writing() as session:
        bounces.try_all_again(session, by=actor(), now=services().now())
    flash(gettext("Mail to all of them goes out again."), "kind")
    return _back()


@blueprint.post("/people/<uuid:person_id>/unlink")
def unlink(person_id: UUID) -> Response:
    """The person's work account is recognised anew at its next sign-in."""
    with writing() as session:
        name = unlink_identity(session, person_id, by=actor(), now=services().now())
    flash(gettext("The work account of %(name)s is unlinked.", name=name), "kind")
    return _back()


@blueprint.post("/people/<uuid:person_id>/erase")
def erase_person(person_id: UUID) -> Response:
    """Has a person who has left erased in a day."""
    with writing() as session:
        erasure.ask_erasure(session, person_id, by=actor(), now=services().now())
    flash(gettext("The erasure is noted. It happens in a day and can be taken back until then."))
    return _back()


@blueprint.post("/people/<uuid:person_id>/keep")
def keep_person(person_id: UUID) -> Response:
    """Takes the erasure of a person back."""
    with writing() as session:
        erasure.cancel_erasure(session, person_id, by=actor(), now=services().now())
    flash(gettext("Nothing will be erased."), "kind")
    return _back()


def _wanted_page() -> int:
    return request.args.get("page", 1, type=int)


def _back() -> Response:
    words, page = request.args.get("q"), request.args.get("page")
    return redirect(url_for("admin.people", q=words or None, page=page or None))

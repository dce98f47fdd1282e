"""Webhooks: which other systems are told of flags and offers, and of which units."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from wellbeing.actions import webhooks as actions
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import BadInput
from wellbeing.web.admin import wording as words
from wellbeing.web.admin.blueprint import blueprint
from wellbeing.web.admin.forms import WebhookForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing

Page = str | tuple[str, int] | Response


@blueprint.route("/webhooks", methods=["GET", "POST"])
def webhooks() -> Page:
    """Every webhook, and a new one; POST adds it and shows its secret, once."""
    with reading() as session:
        paths = find_paths(session)
    form = WebhookForm(paths)
    if not form.validate_on_submit():
        return _list_page(form, paths)
    try:
        with writing() as session:
            own = services().settings.webhook_own_networks
            secret = actions.add_webhook(
                session, form.values(), own_networks=own, by=actor(), now=services().now()
            )
    except BadInput as fault:
        form.url.errors = [fault.in_words_of(gettext)]
        return _list_page(form, paths)
    return render_template("admin/webhook_secret.html", name=form.name.data, secret=secret)


@blueprint.post("/webhooks/<uuid:webhook_id>/on")
def switch_webhook_on(webhook_id: UUID) -> Response:
    """Tries one again that was switched off."""
    with writing() as session:
        name = actions.switch_on(session, webhook_id, by=actor(), now=services().now())
    flash(gettext("%(name)s is told of what happens from now on.", name=name), "kind")
    return redirect(url_for("admin.webhooks"))


@blueprint.post("/webhooks/<uuid:webhook_id>/remove")
def remove_webhook(webhook_id: UUID) -> Response:
    """Nothing is sent there any more."""
    with writing() as session:
        name = actions.remove_webhook(session, webhook_id, by=actor(), now=services().now())
    flash(gettext("%(name)s is removed.", name=name), "kind")
    return redirect(url_for("admin.webhooks"))


def _list_page(form: WebhookForm, paths: dict[UUID, str]) -> tuple[str, int]:
    with reading() as session:
        shown = actions.list_webhooks(session)
    page = render_template(
        "admin/webhooks.html", form=form, webhooks=shown, paths=paths, events=words.EVENTS
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

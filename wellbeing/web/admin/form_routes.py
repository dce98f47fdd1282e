"""The questionnaire: reading the official form in, looking at it, and deciding about it."""

from http import HTTPStatus

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from wellbeing.actions import wordings as actions
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.instrument import wording_locales
from wellbeing.domain.official_wording import make_wording
from wellbeing.form_files.reading import read_form
from wellbeing.form_files.table import example_table
from wellbeing.store.org import WordingState
from wellbeing.web.admin import wording as words
from wellbeing.web.admin.blueprint import blueprint
from wellbeing.web.admin.form_queries import find_forms, languages_asked, show_form, show_items
from wellbeing.web.admin.forms import ImportFormForm
from wellbeing.web.shared.i18n import current_texts, gettext, own_names
from wellbeing.web.shared.scale_words import say_short
from wellbeing.web.shared.services import actor, reading, services, writing

Page = str | tuple[str, int] | Response


@blueprint.route("/questionnaire", methods=["GET", "POST"])
def wordings() -> Page:
    """What is asked in each language, and a file to read in; POST reads it and shows it."""
    form = ImportFormForm()
    if not form.is_submitted():
        form.locale.data = current_texts().locale
    if not form.validate_on_submit():
        return _list_page(form)
    try:
        upload = form.file.data
        wording = make_wording(
            read_form(upload.filename or "", upload.read(), form.locale.data), form.locale.data
        )
        with writing() as session:
            kept = actions.import_wording(
                session, wording, upload.filename or "", now=services().now(), by=actor()
            )
            wording_id = kept.id
    except (BadInput, Refused) as fault:
        form.file.errors = [fault.in_words_of(gettext)]
        return _list_page(form)
    return redirect(url_for("admin.wording", wording_id=wording_id))


@blueprint.get("/questionnaire/example.csv")
def wording_example() -> Response:
    """An empty table to write the sentences of the form into."""
    table = "\ufeff" + example_table(current_texts().locale)
    answer = FlaskResponse(table, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="proqol.csv")
    return answer


@blueprint.get("/questionnaire/<wording_id>")
def wording(wording_id: str) -> Page:
    """An imported form: each of its sentences beside the scoring key."""
    with reading() as session:
        found = actions.get_imported(session, wording_id)
        asked, items = show_items(found)
        return render_template(
            "admin/wording.html",
            form=show_form(session, found),
            wording=asked,
            items=items,
            language=own_names([found.locale])[found.locale],
            states=words.WORDING_STATES,
            State=WordingState,
            say_scale=say_short,
        )


@blueprint.post("/questionnaire/<wording_id>/approve")
def approve_wording(wording_id: str) -> Page:
    """Asks with this form from the next round on."""
    with writing() as session:
        actions.approve_wording(session, wording_id, now=services().now(), by=actor())
    flash(gettext("The form is asked from the next round that opens."), "kind")
    return redirect(url_for("admin.wordings"))


@blueprint.post("/questionnaire/<wording_id>/refuse")
def refuse_wording(wording_id: str) -> Page:
    """Lays a waiting form aside."""
    with writing() as session:
        actions.refuse_wording(session, wording_id, now=services().now(), by=actor())
    flash(gettext("The form is laid aside. It was never asked."), "kind")
    return redirect(url_for("admin.wordings"))


@blueprint.post("/questionnaire/<wording_id>/retire")
def retire_wording(wording_id: str) -> Page:
    """Goes back to our own wording."""
    with writing() as session:
        actions.retire_wording(session, wording_id, now=services().now(), by=actor())
    flash(gettext("From the next round that opens, our own wording is asked again."), "kind")
    return redirect(url_for("admin.wordings"))


def _list_page(form: ImportFormForm) -> Page:
    with reading() as session:
        forms = find_forms(session)
    page = render_template(
        "admin/wordings.html",
        form=form,
        forms=forms,
        asked=languages_asked(forms),
        languages=own_names({*wording_locales(), *(shown.locale for shown in forms)}),
        states=words.WORDING_STATES,
        State=WordingState,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

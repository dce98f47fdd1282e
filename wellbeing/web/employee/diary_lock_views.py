"""What opens the diary, changed from the open diary: its code, recovery code and passkeys."""

from uuid import UUID

from flask import render_template, request

from wellbeing.actions import diary_locks as actions
from wellbeing.actions.diary_locks import PasskeyRequest
from wellbeing.crypto.diary_unlocks import DiaryClosed
from wellbeing.domain.errors import BadInput, WellbeingError
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.diary_forms import NewCodeForm, PasskeyForm
from wellbeing.web.employee.diary_pages import OpenDiary, needs_open_diary, open_page
from wellbeing.web.employee.passkey_fields import read_bytes
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import services, signed_in, writing


@blueprint.post("/diary/code")
@needs_open_diary
def change_diary_code(opened: OpenDiary) -> Page:
    """Another code opens the diary from now on."""
    form = NewCodeForm()
    if not form.validate_on_submit():
        return open_page(opened, code_form=form)
    try:
        with writing() as db:
            actions.change_code(
                db,
                opened.private_key,
                form.code.data or "",
                person_id=signed_in().person_id,
                organisation=services().settings.organisation,
            )
    except BadInput as fault:
        form.code.errors = [fault.in_words_of(gettext)]
        return open_page(opened, code_form=form)
    return open_page(opened, said=gettext("The new code opens the diary from now on."))


@blueprint.post("/diary/recovery-code")
@needs_open_diary
def renew_recovery_code(opened: OpenDiary) -> Page:
    """A new recovery code, shown this once; the one before does not work any more."""
    with writing() as db:
        recovery_code = actions.renew_recovery_code(
            db, opened.private_key, person_id=signed_in().person_id
        )
    return render_template(
        "employee/diary_recovery.html", recovery_code=recovery_code, unlock=opened.unlock
    )


@blueprint.post("/diary/passkeys/add")
@needs_open_diary
def add_diary_passkey(opened: OpenDiary) -> Page:
    """Lets a passkey open the diary, with what the browser's script has made of it."""
    form = PasskeyForm()
    if not form.validate_on_submit():
        return open_page(opened, passkey_form=form)
    parts = (read_bytes(request.form.get(name, "")) for name in ("credential", "salt", "secret"))
    credential, salt, secret = parts
    try:
        with writing() as db:
            actions.add_passkey(
                db,
                opened.private_key,
                PasskeyRequest(credential, salt),
                secret,
                form.name.data or "",
                person_id=signed_in().person_id,
            )
    except DiaryClosed:
        raise
    except WellbeingError as fault:
        form.name.errors = [fault.in_words_of(gettext)]
        return open_page(opened, passkey_form=form)
    return open_page(opened, said=gettext("The passkey opens the diary from now on."))


@blueprint.post("/diary/passkeys/remove")
@needs_open_diary
def remove_diary_passkey(opened: OpenDiary) -> Page:
    """That passkey does not open the diary any more."""
    try:
        passkey_id = UUID(hex=request.form.get("passkey", ""))
    except ValueError:
        return open_page(opened)
    with writing() as db:
        actions.remove_passkey(db, opened.private_key, passkey_id, person_id=signed_in().person_id)
    return open_page(
        opened,
        said=gettext(
            "The passkey does not open the diary any more. You can delete it on your device, too."
        ),
    )

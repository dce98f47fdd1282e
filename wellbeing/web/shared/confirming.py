"""Acts that ask once more who is there: what changes a sign-in needs a proof that is fresh."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import redirect, url_for
from flask_login import current_user

from wellbeing.actions.own_sign_ins import confirm_sign_in
from wellbeing.actions.sign_in import find_signed_in
from wellbeing.web.shared.guard import begin_session
from wellbeing.web.shared.services import services, signed_in, writing

CONFIRMED_FOR = timedelta(minutes=10)
View = TypeVar("View", bound=Callable[..., Any])


def is_confirmed() -> bool:
    """Whether this person has shown who they are a short while ago."""
    at = signed_in().confirmed_at
    return at is not None and at <= services().now() < at + CONFIRMED_FOR


def ask_again(view: View) -> View:
    """Leads whoever has not shown who they are for a while to the page that asks for it."""

    @wraps(view)
    def asking(*arguments: Any, **values: Any) -> Any:
        if not is_confirmed():
            return redirect(url_for("shared.confirm"))
        return view(*arguments, **values)

    return cast(View, asking)


def note_confirmed() -> None:
    """They have shown it now; the sign-in goes on under a new secret, and the old one is void."""
    now = services().now()
    with writing() as db:
        secret = confirm_sign_in(db, current_user.id, now=now)
        who = find_signed_in(db, secret, now=now)
    assert who is not None
    begin_session(secret, who)

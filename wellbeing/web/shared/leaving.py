"""Leaving at once: for whoever must not be seen here."""

from flask import render_template, session
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from wellbeing.actions import sign_in as actions
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.services import services, writing
from wellbeing.web.shared.this_device import exit_address


@blueprint.post("/leave")
def leave() -> Response:
    """Ends the sign-in and goes on to a page that says nothing about this one.

    A page of its own and no redirect: a form of ours may lead to no other host.
    """
    page = render_template(
        "shared/leave_now.html", address=exit_address(services().settings.safe_exit_url)
    )
    response = Response(page, mimetype="text/html")
    if not session:  # from another site, or nobody has been here
        return response
    end_sign_in()
    return with_device_cleared(response)


def end_sign_in() -> None:
    """Ends this browser's sign-in at once; nothing happens where there is none."""
    if current_user.is_authenticated:
        with writing() as db:
            actions.sign_out(db, current_user.id)
        logout_user()
    session.clear()


def with_device_cleared(response: Response) -> Response:
    """Tells the browser to forget what it keeps for our pages, also where scripts are off."""
    response.headers["Clear-Site-Data"] = '"storage"'
    return response

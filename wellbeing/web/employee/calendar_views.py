"""One's own sessions in one's own calendar: a private address, which its owner can revoke."""

from http import HTTPStatus

from flask import Response, abort, redirect, render_template, request, url_for

from wellbeing.actions import calendar_feeds as actions
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.rate_limits import FAILURES_PER_ADDRESS, limiter
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing


@blueprint.get("/me/calendar")
def calendar() -> Page:
    """What the address shows, and whether there is one."""
    with reading() as db:
        made_at = actions.find_address_made_at(db, signed_in().person_id)
    revoked = "revoked" in request.args
    return render_template(
        "employee/calendar.html",
        made_at=made_at,
        revoked=revoked and made_at is None,
        days_back=actions.DAYS_BACK,
        days_ahead=actions.DAYS_AHEAD,
    )


@blueprint.post("/me/calendar/make")
def make_calendar_address() -> Page:
    """Makes an address, or a new one for the old, and shows it this once."""
    with writing() as db:
        secret = actions.make_address(db, signed_in().person_id, now=services().now(), by=actor())
    address = f"{services().settings.base_url}/calendar/{secret}.ics"
    return render_template("employee/calendar_address.html", address=address)


@blueprint.post("/me/calendar/revoke")
def revoke_calendar_address() -> Page:
    """Makes the address stop working; again is fine."""
    with writing() as db:
        actions.revoke_address(db, signed_in().person_id, now=services().now(), by=actor())
    return redirect(url_for("employee.calendar", revoked=1))


@blueprint.get("/calendar/<secret>.ics")
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=lambda r: r.status_code == HTTPStatus.NOT_FOUND)
def calendar_feed(secret: str) -> Response:
    """The sessions of whoever made the address; whatever else was asked for, there is nothing."""
    with reading() as db:
        feed = actions.find_feed(db, secret, settings=services().settings, now=services().now())
    if feed is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(feed, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response

"""Signing in with the organisation's own sign-in, and being signed out by it."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.actions import single_sign_on as actions
from wellbeing.domain.errors import Refused
from wellbeing.single_sign_on.faults import ProviderDown, UntrustedToken
from wellbeing.single_sign_on.provider import Provider
from wellbeing.single_sign_on.signing_in import (
    Redeemed,
    address_of,
    begin,
    has_second_factor,
    redeem,
)
from wellbeing.single_sign_on.tokens import check_logout_token
from wellbeing.web.shared import provider_cookies as cookies
from wellbeing.web.shared.addresses import local_address
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.half_sign_in import go_on_with, sign_in_rules, this_device
from wellbeing.web.shared.i18n import LazyText, _, current_texts
from wellbeing.web.shared.provider_door import find_door, find_provider
from wellbeing.web.shared.rate_limits import FAILURES_PER_ADDRESS, limiter
from wellbeing.web.shared.second_factor import second_step
from wellbeing.web.shared.security_events import Way, Why, note_failed
from wellbeing.web.shared.services import services, writing

Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Problem:
    """Why somebody is not signed in, in words; `again`: it can be tried once more."""

    status: HTTPStatus
    title: LazyText
    message: LazyText
    what_to_do: LazyText
    again: bool = True


_CLOSED_HERE = _("Ask your leader or HR. Nothing is wrong with your work account.")
DOWN = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("The sign-in of your workplace does not answer"),
    _("It is not this service that is down, and nothing you have done is lost."),
    _("Wait a moment and try again."),
)
NOT_OURS = Problem(
    HTTPStatus.BAD_REQUEST,
    _("That sign-in cannot be used"),
    _("It was begun in another window or too long ago, or it has been used already."),
    _("Sign in once more. You may not have to type anything."),
)
STOPPED = Problem(
    HTTPStatus.BAD_REQUEST,
    _("You are not signed in"),
    _("The sign-in was stopped before it was done."),
    _("Sign in once more when you are ready."),
)
UNKNOWN = Problem(
    HTTPStatus.FORBIDDEN,
    _("We do not know you here yet"),
    _("Your work account is right, but nobody in the staff directory here fits it."),
    _CLOSED_HERE,
    again=False,
)
CLOSED = Problem(
    HTTPStatus.FORBIDDEN,
    _("Your access here is closed"),
    _("Your work account is right, but your access to this service has been closed."),
    _CLOSED_HERE,
    again=False,
)
OTHERWISE = Problem(
    HTTPStatus.FORBIDDEN,
    _("This is not the work account you sign in with here"),
    _("Another work account belongs to you here, and it does not move by itself."),
    _("Sign in with that one, or ask an administrator to unlink it."),
    again=False,
)
_REFUSALS = {
    actions.NotRecognised: UNKNOWN,
    actions.AccessClosed: CLOSED,
    actions.LinkedOtherwise: OTHERWISE,
}
_REASONS = {
    actions.NotRecognised: Why.UNKNOWN_HERE,
    actions.AccessClosed: Why.CLOSED,
    actions.LinkedOtherwise: Why.OTHER_ACCOUNT,
}
_PROVIDER_FAULTS = frozenset({"server_error", "temporarily_unavailable"})


@blueprint.get("/sign-in/provider")
def provider() -> Page:
    """Begins a sign-in: on to the provider, tied to this browser."""
    known, begun = _get_provider(), begin()
    try:
        address = address_of(
            known,
            services().settings,
            begun,
            return_to=_return_address(),
            language=current_texts().locale,
        )
    except ProviderDown as fault:
        return _note_down(fault)
    response = redirect(address)
    cookies.keep_begun(response, begun, local_address(request.args.get("next")))
    return response


@blueprint.get("/sign-in/provider/return")
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=lambda r: r.status_code == HTTPStatus.BAD_REQUEST)
def provider_return() -> Page:
    """Where the provider sends the browser back to: signs in, or says in plain words why not."""
    known, state = _get_provider(), request.args.get("state", "")
    found = cookies.find_begun(state)
    if found is None:
        return _problem(NOT_OURS)
    begun, wanted = found
    error = request.args.get("error")
    if error:
        return _over(_problem(DOWN if error in _PROVIDER_FAULTS else STOPPED), state)
    try:
        redeemed = redeem(
            known,
            services().settings,
            begun,
            request.args,
            return_to=_return_address(),
            now=services().now(),
        )
        return _over(_sign_in(redeemed, wanted), state)
    except ProviderDown as fault:
        return _over(_note_down(fault), state)
    except UntrustedToken as fault:
        note_failed(Way.PROVIDER, Why.NOT_TRUSTED)
        current_app.logger.warning("A sign-in through the provider was refused: %s", fault)
        return _over(_problem(NOT_OURS), state)
    except Refused as refusal:
        note_failed(Way.PROVIDER, _REASONS[type(refusal)])
        return _over(_problem(_REFUSALS[type(refusal)]), state)


@blueprint.post("/sign-in/provider/ended")
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=lambda r: r.status_code == HTTPStatus.BAD_REQUEST)
def provider_ended() -> Response:
    """The provider says, without a browser, that somebody has signed out there."""
    now, settings = services().now(), services().settings
    try:
        token = request.form.get("logout_token")
        ended = check_logout_token(
            _get_provider(), token, client_id=settings.oidc_client_id, now=now
        )
        with writing() as db:
            actions.end_as_told(db, ended, now=now)
    except (UntrustedToken, Refused, ProviderDown) as fault:
        current_app.logger.warning("A sign-out by the provider was refused: %s", fault)
        response = jsonify(error="invalid_request", error_description=str(fault))
        response.status_code = HTTPStatus.BAD_REQUEST
        return response
    return Response(status=HTTPStatus.OK)


@blueprint.get("/sign-in/again")
def signed_in_again() -> Page:
    """After signing in in a second window: back to the first, which has the answers."""
    return render_template("shared/signed_in_again.html")


def _sign_in(redeemed: Redeemed, wanted: str) -> Response:
    settings, now, identity = services().settings, services().now(), redeemed.identity
    is_strong = has_second_factor(identity.claims, settings.oidc_second_factor)
    with writing() as db:
        begun = actions.sign_in_with_identity(
            db,
            identity,
            actions.Recognition(settings.oidc_match),
            has_second_factor=is_strong,
            rules=sign_in_rules(),
            now=now,
            device=this_device(),
        )
    is_signed_in = go_on_with(begun, Way.PROVIDER, second_factor=is_strong) is not None
    response = (
        redirect(wanted)
        if is_signed_in
        else current_app.make_response(second_step(None, wanted=wanted))
    )
    cookies.keep_hint(response, redeemed.id_token)
    return response


def _get_provider() -> Provider:
    known = find_provider()
    # A shared screen would stay signed in at the provider for whoever comes next.
    if known is None or (request.method == "GET" and find_door() is None):
        abort(HTTPStatus.NOT_FOUND)
    return known


def _return_address() -> str:
    return services().settings.base_url.rstrip("/") + url_for("shared.provider_return")


def _over(page: Page, state: str) -> Response:
    response = current_app.make_response(page)
    cookies.forget_begun(response, state)
    return response


def _note_down(fault: ProviderDown) -> Page:
    current_app.logger.warning("Nobody can sign in through the provider: %s", fault)
    return _problem(DOWN)


def _problem(problem: Problem) -> Page:
    page = render_template("shared/provider_problem.html", problem=problem, door=find_door())
    return page, problem.status

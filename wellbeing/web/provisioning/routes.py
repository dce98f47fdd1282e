"""SCIM 2.0 for the organisation's own directory: no pages, no cookies, one token.

Whoever comes without a token that fits learns nothing but that; everything is answered in JSON.
"""

import json
from http import HTTPStatus
from importlib.util import find_spec

from flask import abort, request
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.wrappers import Response

from wellbeing.actions.api_tokens import Scope
from wellbeing.actions.provisioning import Act
from wellbeing.domain.actor import Actor
from wellbeing.web.provisioning.blueprint import blueprint
from wellbeing.web.shared.bearer import require_token
from wellbeing.web.shared.rate_limits import FAILURES_PER_ADDRESS, limiter
from wellbeing.web.shared.services import services

REQUESTS_PER_ADDRESS = "1200 per minute"
_MEDIA_TYPE = "application/scim+json"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_WORDS = {
    HTTPStatus.UNAUTHORIZED: "A token that fits is needed.",
    HTTPStatus.NOT_FOUND: "There is nothing here.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This cannot be done here.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; wait a moment.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side.",
}


@blueprint.route("", methods=_METHODS, defaults={"path": ""})
@blueprint.route("/<path:path>", methods=_METHODS)
@limiter.limit(REQUESTS_PER_ADDRESS, key_func=get_remote_address)
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=lambda r: r.status_code == HTTPStatus.UNAUTHORIZED)
def scim(path: str) -> Response:
    """Any SCIM request of the directory."""
    if find_spec("scim2_server") is None:  # the extra is not installed
        abort(HTTPStatus.NOT_FOUND)
    act = _check_token()
    from wellbeing.web.provisioning.serving import serve

    answer = serve(request, path, act)
    body = "" if answer.body is None else json.dumps(answer.body)
    return Response(body, answer.status, answer.headers)


@blueprint.errorhandler(HTTPException)
def refuse(fault: HTTPException) -> Response:
    """Every refusal in the form that SCIM gives it."""
    status = HTTPStatus(fault.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    said = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status.value),
        "detail": _WORDS.get(status, "The request could not be understood."),
    }
    response = Response(json.dumps(said), status, mimetype=_MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
    return response


def _check_token() -> Act:
    token = require_token(Scope.SCIM)
    if token.unit_id is not None:  # one directory sends everybody
        raise Unauthorized
    return Act(Actor.system(token.name), services().now(), services().settings.zone)

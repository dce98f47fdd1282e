"""Serves SCIM requests; imported with the first one, for it is an extra and takes a moment."""

import json
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Request, current_app
from scim2_models import Error, SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import ScimService

from wellbeing.actions.provisioning import Act, unit_names
from wellbeing.actions.staff_present import find_unit_ids
from wellbeing.settings import ScimUserName, Settings
from wellbeing.web.provisioning.models import ENTERPRISE, make_provider
from wellbeing.web.provisioning.storage import PersonStorage
from wellbeing.web.shared.services import reading, services, writing

_SEARCHES = (Operation.search, Operation.search_with_body)
_LOOKS = (Operation.schemas, Operation.schema)
_CREATES = (Operation.create, Operation.replace)


@cache
def _service(user_name: ScimUserName) -> ScimService:
    return ScimService(make_provider(user_name))


def serve(request: Request, path: str, act: Act) -> ScimResponse:
    """The answer to a request whose token fitted; what it refuses has changed nothing."""
    settings = services().settings
    service = _service(settings.scim_user_name)
    asked = _read(request, path, settings)
    try:
        operation = service.match(asked).operation
        if operation in _CREATES:
            asked.body = _with_defaults(asked.body, settings)
        opened = reading() if request.method == "GET" or operation in _SEARCHES else writing()
        with opened as session:
            storage = PersonStorage(session, service.provider, settings.scim_user_name, act)
            response = ScimHandler(service, storage).handle(asked)
            if operation in _LOOKS:
                _name_units(response.body, [*unit_names(find_unit_ids(session)).values()])
    except SCIMException as fault:
        return service.error_response(fault)
    except RecursionError:
        return error(HTTPStatus.BAD_REQUEST, "The request is nested too deeply.")
    except Exception:
        current_app.logger.exception("A request of the directory could not be served.")
        return error(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
    return response


def error(status: HTTPStatus, detail: str) -> ScimResponse:
    """A refusal in the form that SCIM gives it."""
    return ScimResponse(status, Error(status=status.value, detail=detail).model_dump())


def _read(request: Request, path: str, settings: Settings) -> ScimRequest:
    return ScimRequest(
        method=request.method,
        base_url=f"{settings.base_url.rstrip('/')}/scim/v2",
        path=f"/{path}",
        query=request.args.to_dict(),
        headers=list(request.headers.items()),
        body=request.get_data(),
    )


def _with_defaults(body: bytes, settings: Settings) -> bytes:
    """The body with what everybody here has and a directory may leave out."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the service says what is wrong with it
    if not isinstance(said, dict):
        return body
    names = {name.lower() for name in said}
    for name, value in (("active", True), ("preferredLanguage", settings.default_language)):
        if name.lower() not in names:
            said[name] = value
    return json.dumps(said).encode()


def _name_units(body: Any, names: list[str]) -> None:
    """Lists the units that a department may name in the schema that describes it."""
    for schema in body.get("Resources", [body]) if isinstance(body, dict) else ():
        if schema.get("id") != str(ENTERPRISE):
            continue
        for attribute in schema["attributes"]:
            if attribute["name"] == "department":
                attribute["canonicalValues"] = sorted(names)

"""Every refusal as RFC 9457 has it: a status, a title, and a sentence that says what to do."""

from http import HTTPStatus

from flask import Response
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from wellbeing.domain.errors import Missing, UnfitKeys, WellbeingError
from wellbeing.web.api.models import Problem

MEDIA_TYPE = "application/problem+json"
DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.UNAUTHORIZED: "A token that fits is needed.",
    HTTPStatus.NOT_FOUND: "There is nothing here, or it is out of the token's reach.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Only GET is answered here.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; wait a minute.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side.",
}


def make_problem(status: HTTPStatus, detail: str = "") -> Response:
    """The answer to a request that was refused."""
    said = Problem(
        title=status.phrase, status=status.value, detail=detail or DETAILS.get(status, "")
    )
    answer = Response(said.model_dump_json(), status, content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="API"'
    return answer


def refuse(fault: HTTPException) -> Response:
    """What Flask refuses."""
    return make_problem(HTTPStatus(fault.code or HTTPStatus.INTERNAL_SERVER_ERROR))


def refuse_ours(fault: WellbeingError) -> Response:
    """What the service refuses; it never tells more than that something is not there."""
    if isinstance(fault, Missing):
        return make_problem(HTTPStatus.NOT_FOUND)
    is_ours = isinstance(fault, UnfitKeys)
    return make_problem(HTTPStatus.INTERNAL_SERVER_ERROR if is_ours else HTTPStatus.BAD_REQUEST)


def refuse_query(fault: ValidationError) -> Response:
    """Names the parameters that do not fit, and repeats nothing of what was sent."""
    names = sorted({str(error["loc"][0]) if error["loc"] else "" for error in fault.errors()})
    known = ", ".join(name for name in names if name in ("cursor", "limit", "format"))
    detail = f"Does not fit: {known}." if known else "There is a parameter that is not known here."
    return make_problem(HTTPStatus.BAD_REQUEST, detail)

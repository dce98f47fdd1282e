"""What other systems read: units, published figures, the ledger. No page, no cookie, one token.

A token sees its unit and all below, as a leader there or HR does, through the same code as the
pages. Whoever comes without a token that fits learns nothing but that.
"""

from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from flask import Response, abort, jsonify, request
from flask_limiter.util import get_remote_address
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from wellbeing.actions import figure_rows, ledger_rows
from wellbeing.actions.api_tokens import Scope
from wellbeing.actions.units import find_groups, find_parents, find_paths, find_reach_of
from wellbeing.domain.errors import WellbeingError
from wellbeing.store.accounts import ApiToken
from wellbeing.web.api import models
from wellbeing.web.api.answers import say_figures, say_support, send_csv, send_json, take_page
from wellbeing.web.api.blueprint import blueprint
from wellbeing.web.api.document import make_document, tree
from wellbeing.web.api.problems import refuse, refuse_ours, refuse_query
from wellbeing.web.shared.bearer import require_token
from wellbeing.web.shared.rate_limits import FAILURES_PER_ADDRESS, limiter
from wellbeing.web.shared.services import reading, services

REQUESTS_PER_ADDRESS = "600 per minute"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_Query = TypeVar("_Query", bound=BaseModel)

limiter.limit(REQUESTS_PER_ADDRESS, key_func=get_remote_address)(blueprint)
limiter.limit(
    FAILURES_PER_ADDRESS,
    key_func=get_remote_address,
    deduct_when=lambda answer: answer.status_code == HTTPStatus.UNAUTHORIZED,
)(blueprint)
blueprint.register_error_handler(HTTPException, refuse)
blueprint.register_error_handler(WellbeingError, refuse_ours)
blueprint.register_error_handler(ValidationError, refuse_query)


def _answers(
    model: type[models.Units | models.Figures | models.FiguresOfUnit | models.Ledger], *more: str
) -> Answers:
    problems = dict.fromkeys(("HTTP_400", "HTTP_401", "HTTP_429", *more), models.Problem)
    return Answers("HTTP_304", HTTP_200=model, **problems)


@blueprint.get("/units")
@tree.validate(
    query=models.Page, resp=_answers(models.Units), skip_validation=True, operation_id="units"
)
def units() -> Response:
    """The units in reach

    Open units and reporting groups at and below the unit of the token; a token of either scope.
    """
    page, token = _read_query(models.Page), require_token(Scope.FIGURES, Scope.LEDGER)
    with reading() as db:
        scope, parents, paths = _find_scope(db, token), find_parents(db), find_paths(db)
        groups = find_groups(db)
    shown, next_cursor = take_page(scope, page, lambda unit_id: unit_id)
    return send_json(
        models.Units(
            units=[
                models.Unit(
                    unit_id=unit_id,
                    unit=paths[unit_id],
                    parent_id=parents[unit_id],
                    is_reporting_group=unit_id in groups,
                )
                for unit_id in shown
            ],
            next_cursor=next_cursor,
        )
    )


@blueprint.get("/figures")
@tree.validate(
    query=models.PageInFormat,
    resp=_answers(models.Figures),
    skip_validation=True,
    operation_id="figures",
)
def figures() -> Response:
    """Published figures of all units in reach

    Every round of each unit, as published once and for all.
    """
    query, token = _read_query(models.PageInFormat), require_token(Scope.FIGURES)
    with reading() as db:
        scope = _find_scope(db, token)
        shown, next_cursor = take_page(scope, query, lambda unit_id: unit_id)
        found = figure_rows.find_figure_rows(db, shown)
    if query.format is models.Format.CSV:
        return send_csv(figure_rows.COLUMNS, figure_rows.as_lines(found), next_cursor)
    said = [say_figures(unit) for unit in found]
    return send_json(models.Figures(units=said, next_cursor=next_cursor))


@blueprint.get("/units/<uuid:unit_id>/figures")
@tree.validate(
    query=models.InFormat,
    resp=_answers(models.FiguresOfUnit, "HTTP_404"),
    skip_validation=True,
    operation_id="unit_figures",
)
def unit_figures(unit_id: UUID) -> Response:
    """Published figures of one unit

    Every round that knew the unit, oldest first.
    """
    query, token = _read_query(models.InFormat), require_token(Scope.FIGURES)
    with reading() as db:
        if unit_id not in _find_scope(db, token):
            abort(HTTPStatus.NOT_FOUND)
        (found,) = figure_rows.find_figure_rows(db, [unit_id])
    if query.format is models.Format.CSV:
        return send_csv(figure_rows.COLUMNS, figure_rows.as_lines([found]))
    return send_json(say_figures(found))


@blueprint.get("/ledger")
@tree.validate(
    query=models.PageInFormat,
    resp=_answers(models.Ledger),
    skip_validation=True,
    operation_id="ledger",
)
def ledger() -> Response:
    """Support suggested and offered to units in reach

    Kinds, states and days. No person, no text, no number of people; support for one person is not
    in it.
    """
    query, token = _read_query(models.PageInFormat), require_token(Scope.LEDGER)
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        within = None if token.unit_id is None else _find_scope(db, token)
        rows = ledger_rows.find_ledger_rows(db, within, zone=zone, now=now)
    shown, next_cursor = take_page(rows, query, ledger_rows.id_of)
    if query.format is models.Format.CSV:
        return send_csv(ledger_rows.COLUMNS, ledger_rows.as_lines(shown), next_cursor)
    said = [say_support(row) for row in shown]
    return send_json(models.Ledger(support=said, next_cursor=next_cursor))


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This API as OpenAPI 3.1; open to everybody, as it says nothing of anybody."""
    return jsonify(make_document())


@blueprint.route("/<path:path>", methods=_METHODS)
def nothing(path: str) -> Response:
    """Any other address is refused in the words of the API."""
    del path
    require_token(Scope.FIGURES, Scope.LEDGER)
    abort(HTTPStatus.NOT_FOUND)


@blueprint.after_request
def mark(answer: Response) -> Response:
    """What has not changed need not be sent again."""
    if answer.status_code == HTTPStatus.OK:
        answer.vary.add("Authorization")
        answer.add_etag()
        answer.make_conditional(request)
        answer.headers.remove("Date")  # the server in front sets its own
    return answer


def _read_query(model: type[_Query]) -> _Query:
    return model.model_validate(request.args.to_dict())


def _find_scope(db: Session, token: ApiToken) -> set[UUID]:
    return find_reach_of(db, {token.unit_id})

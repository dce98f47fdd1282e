"""What every page of leaders and safety representatives starts from."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from wellbeing.web.leader.queries import find_reader_scope
from wellbeing.web.shared.services import signed_in

blueprint = Blueprint("leader", __name__)


def check_scope(db: Session, unit_id: UUID) -> set[UUID]:
    """What whoever asks may read; 404 where this unit is no part of it."""
    scope = find_reader_scope(db, signed_in().person_id)
    if unit_id not in scope:
        abort(HTTPStatus.NOT_FOUND)
    return scope

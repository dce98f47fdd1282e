"""Puts what was read into the API's words, and lists into pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, request, url_for
from pydantic import BaseModel

from wellbeing.actions.figure_rows import FigureRow, FiguresOfUnit
from wellbeing.actions.figures import WithheldUnit
from wellbeing.actions.ledger_list import LedgerRow
from wellbeing.csv_files import make_csv
from wellbeing.domain.errors import BadInput
from wellbeing.web.api import models
from wellbeing.web.api.document import CSV

T = TypeVar("T")


def take_page(
    rows: Iterable[T], page: models.Page, id_of: Callable[[T], UUID]
) -> tuple[list[T], str | None]:
    """The rows behind the cursor in the order of their ids, and the cursor of the next page."""
    after = _read_cursor(page.cursor)
    behind = sorted((row for row in rows if after is None or id_of(row) > after), key=id_of)
    shown = behind[: page.limit]
    is_last = len(behind) <= page.limit
    return shown, None if is_last else _make_cursor(id_of(shown[-1]))


def send_json(said: BaseModel) -> Response:
    """The model as it stands in the document."""
    return Response(said.model_dump_json(), content_type="application/json")


def send_csv(
    columns: Sequence[str], rows: Iterable[Sequence[object]], next_cursor: str | None = None
) -> Response:
    """The same as CSV; the address of the next page is in the header Link."""
    answer = Response(make_csv(columns, rows), content_type=f"{CSV}; charset=utf-8")
    if next_cursor is not None:
        args: dict[str, Any] = {**request.args.to_dict(), "cursor": next_cursor}
        address = url_for(request.endpoint or "", **args)
        answer.headers["Link"] = f'<{address}>; rel="next"'
    return answer


def say_figures(unit: FiguresOfUnit) -> models.FiguresOfUnit:
    """Everything published of a unit."""
    return models.FiguresOfUnit(
        unit_id=unit.unit_id, unit=unit.unit, rounds=[_say_round(row) for row in unit.rows]
    )


def say_support(row: LedgerRow) -> models.Support:
    """A row of the ledger, without whoever sees to it and without a word that anybody wrote."""
    return models.Support(
        offer_id=row.offer_id,
        flag_id=row.flag_id,
        unit_id=row.unit_id,
        unit=row.unit,
        form=row.form,
        origin=row.origin,
        since=row.since,
        state=row.state,
        is_open=row.is_open,
        overdue=row.overdue.step if row.overdue else None,
        steps=[
            models.StepRead(step=read.step, progress=read.progress, day=read.day)
            for read in row.steps
        ],
    )


def _say_round(row: FigureRow) -> models.RoundOfUnit:
    return models.RoundOfUnit(
        round_id=row.round.round_id,
        number=row.round.number,
        closed_on=row.round.closed_on,
        is_extra=row.round.is_extra,
        wording=row.round.wording,
        figures=[
            models.Figure(scale=scale.value, point=point.point, kind=point.kind)
            for scale, point in row.points.items()
            if point is not None
        ],
        answers=row.answers and models.Answers(at_least=row.answers[0], at_most=row.answers[1]),
        withheld=_say_withheld(row.withheld) if row.withheld else None,
    )


def _say_withheld(mark: WithheldUnit) -> models.Withheld:
    return models.Withheld.model_validate(
        {
            "reason": mark.reason,
            "counted_in": mark.counted_in_label,
            "counted_in_unit_id": mark.counted_in_unit_id,
        }
    )


def _make_cursor(last: UUID) -> str:
    return urlsafe_b64encode(last.bytes).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=="))
    except (NotBase64, ValueError):
        raise BadInput("This cursor is none of ours.") from None

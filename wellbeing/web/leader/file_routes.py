"""The published figures of a unit as files: the same that its page shows, for every round."""

from uuid import UUID

from werkzeug.wrappers import Response

from wellbeing.actions.figure_rows import COLUMNS, FigureRow, FiguresOfUnit, as_lines
from wellbeing.actions.figure_rows import find_figure_rows as find_rows
from wellbeing.apv_workbook import Cell, Sheet
from wellbeing.web.leader.pages import blueprint, check_scope
from wellbeing.web.shared.files import send_csv_file, send_workbook
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import reading
from wellbeing.web.team_page import words
from wellbeing.web.team_page.page import UnitName, scale_names
from wellbeing.web.team_page.sections import say_point


@blueprint.get("/teams/<uuid:unit_id>/figures.csv")
def figures_csv(unit_id: UUID) -> Response:
    """For programs: the rows and columns that the API has."""
    return send_csv_file(COLUMNS, as_lines([_read(unit_id)]), f"figures-{unit_id}.csv")


@blueprint.get("/teams/<uuid:unit_id>/figures.xlsx")
def figures_workbook(unit_id: UUID) -> Response:
    """For people: a row a round, in words."""
    found = _read(unit_id)
    name = UnitName.of(found.unit).name
    columns = (
        gettext("Round"),
        gettext("Closed on"),
        *scale_names(),
        gettext("Answers"),
        gettext("Why there is no figure"),
    )
    sheet = Sheet(gettext("Figures"), columns, [_say(row) for row in reversed(found.rows)])
    title = gettext("Published figures of %(unit)s", unit=name)
    return send_workbook([sheet], title=title, name=f"figures-{unit_id}.xlsx")


def _read(unit_id: UUID) -> FiguresOfUnit:
    with reading() as db:
        check_scope(db, unit_id)
        (found,) = find_rows(db, [unit_id])
    return found


def _say(row: FigureRow) -> list[Cell]:
    size = next((point.n for point in row.points.values() if point), None)
    why = words.WITHHELD_SHORT[row.withheld.reason] if row.withheld else ""
    return [
        row.round.number,
        row.round.closed_on,
        *(say_point(row.points[scale]) for scale in words.PAGE_ORDER),
        words.say_size(size) if size is not None else "",
        str(why),
    ]

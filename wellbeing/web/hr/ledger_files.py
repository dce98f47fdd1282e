"""The ledger in reach as files. A file travels further than a page: it names nobody, carries no
word that anybody wrote, and leaves support for one person out.
"""

from werkzeug.wrappers import Response

from wellbeing.actions.ledger_list import LedgerRow
from wellbeing.actions.ledger_rows import COLUMNS, as_lines, find_ledger_rows
from wellbeing.apv_workbook import Cell, Sheet
from wellbeing.domain.ledger import Progress, Step, StepRead
from wellbeing.web.hr.pages import blueprint, form_words, scope_of
from wellbeing.web.shared.files import send_csv_file, send_workbook
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import reading, services
from wellbeing.web.support_pages.ledger_words import ORIGINS, STEP_NAMES, say_step

# What those who came said of it stays on the page, where few answers are held back.
_SHOWN = tuple(step for step in Step if step is not Step.USEFUL)


@blueprint.get("/hr/ledger.csv")
def ledger_csv() -> Response:
    """For programs: the rows and columns that the API has."""
    return send_csv_file(COLUMNS, as_lines(_read()), "ledger.csv")


@blueprint.get("/hr/ledger.xlsx")
def ledger_workbook() -> Response:
    """For people: a row an offer, step by step, in words."""
    columns = (
        gettext("Unit"),
        gettext("Support"),
        gettext("What led to it"),
        gettext("Since"),
        *(str(STEP_NAMES[step]) for step in _SHOWN),
    )
    rows, forms = sorted(_read(), key=lambda row: row.since, reverse=True), form_words()
    lines = [[row.unit, forms[row.form], *_say(row)] for row in rows]
    title = gettext("Support, step by step")
    return send_workbook([Sheet(title, columns, lines)], title=title, name="ledger.xlsx")


def _read() -> list[LedgerRow]:
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        scope = scope_of(db)
        units = None if scope.is_whole else scope.units
        return find_ledger_rows(db, units, zone=zone, now=now)


def _say(row: LedgerRow) -> list[Cell]:
    steps = {read.step: read for read in row.steps}
    return [
        str(ORIGINS[row.origin]),
        row.since,
        *(_say_step(steps[step], row) for step in _SHOWN),
    ]


def _say_step(read: StepRead, row: LedgerRow) -> str:
    if read.step is Step.ATTENDED and read.progress is Progress.DONE:
        return str(gettext("written down"))  # how many came stays on the page
    return say_step(read, row)

"""A row of the ledger as every page shows it: steps in words, who sees to it, what came of it."""

from dataclasses import dataclass
from datetime import date

from wellbeing.actions.ledger_list import LedgerRow
from wellbeing.actions.ledger_records import AgreedShown
from wellbeing.actions.ledger_words import say_task
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.ledger import Progress, Step
from wellbeing.web.shared.i18n import LazyText, current_texts
from wellbeing.web.support_pages.ledger_words import ORIGINS, STEP_NAMES, say_step


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step in words; `mark` is the class of its line: "done", "overdue", "next" or ""."""

    name: LazyText
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class LedgerCard:
    """All that is told of one row; `task` is what has to be done, "" where nothing is overdue."""

    row: LedgerRow
    title: str
    origin: LazyText
    steps: tuple[StepShown, ...]
    task: str
    themes: tuple[str, ...]
    agreed: tuple[AgreedShown, ...]
    next_on: date | None
    has_scores: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The cards of a page: those with something left to do, and the rest."""

    open: list[LedgerCard]
    past: list[LedgerCard]

    @property
    def overdue(self) -> int:
        """In how many rows a step is overdue."""
        return sum(bool(card.task) for card in self.open)


def describe_ledger(rows: list[LedgerRow]) -> Ledger:
    """The rows as cards, in the order given."""
    cards = [describe_row(row) for row in rows]
    return Ledger(
        [card for card in cards if card.row.is_open],
        [card for card in cards if not card.row.is_open],
    )


def describe_row(row: LedgerRow) -> LedgerCard:
    """One row in the reader's language."""
    texts, record = current_texts(), row.record if row.tells_record else None
    overdue = row.overdue
    return LedgerCard(
        row=row,
        title=form_label(row.form, texts),
        origin=ORIGINS[row.origin],
        steps=tuple(
            StepShown(STEP_NAMES[read.step], say_step(read, row), _mark(read.progress))
            for read in row.steps
            if read.progress is not Progress.LEFT_OUT
        ),
        task=say_task(overdue.step, texts) if overdue else "",
        themes=record.themes if record else (),
        agreed=record.agreed if record else (),
        next_on=record.next_on if record else None,
        has_scores=any(
            read.step is Step.SCORES and read.progress is Progress.DONE for read in row.steps
        ),
    )


def _mark(progress: Progress) -> str:
    return "" if progress is Progress.LATER else progress.value

"""Where somebody is in the check-in: the pages carry the answers themselves, nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid4

from werkzeug.datastructures import MultiDict

from wellbeing.domain.answer_sheet import Fault, choice_of, field_name, read_page
from wellbeing.domain.instrument import ITEM_COUNT

ITEMS_PER_PAGE = 10
PAGES = ITEM_COUNT // ITEMS_PER_PAGE
MAX_RECEIPT_LENGTH = 400

Wish = Literal["start", "next", "back", "send", "stay", "stop"]
_WISHES: dict[str, Wish] = {
    "next": "next",
    "back": "back",
    "send": "send",
    "stay": "stay",
    "stop": "stop",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """A page to show, or with `is_complete` thirty answers to store.

    `answers` holds what is usable, on whichever page it was given; `faults` only what the page to
    be shown has to say.
    """

    page: int
    form_id: UUID
    receipt: str = ""
    answers: Mapping[int, int] = field(default_factory=dict)
    faults: Mapping[int, Fault] = field(default_factory=dict)
    is_complete: bool = False
    is_stopped: bool = False

    @property
    def items(self) -> range:
        """The numbers of the items on this page."""
        return items_of(self.page)

    @property
    def carried(self) -> dict[int, int]:
        """The answers of other pages, which travel with this one."""
        return {item: a for item, a in self.answers.items() if item not in self.items}

    @property
    def sheet(self) -> dict[str, str]:
        """Everything as form fields, to come back to this page with."""
        given = {field_name(item): choice_of(answer) for item, answer in self.answers.items()}
        start = {"form_id": self.form_id.hex, "step": str(self.page), "receipt": self.receipt}
        return {**start, **given}

    @property
    def values(self) -> tuple[int, ...]:
        """The thirty answers in order; only when complete."""
        return tuple(self.answers[item] for item in range(1, ITEM_COUNT + 1))


def items_of(page: int) -> range:
    """The ten item numbers of page 1, 2 or 3."""
    first = (page - 1) * ITEMS_PER_PAGE + 1
    return range(first, first + ITEMS_PER_PAGE)


def read_flow(form: MultiDict[str, str]) -> Flow:
    """What to show next, whatever was sent: the first page with a fault, and no answer is lost."""
    sheet = read_page(form, range(1, ITEM_COUNT + 1))
    wish, page = _wish(form), _page(form)
    form_id, receipt = _form_id(form), form.get("receipt", "")[:MAX_RECEIPT_LENGTH]
    if wish == "start":
        return Flow(1, form_id, receipt, sheet.answers)
    if wish == "back":
        return Flow(max(page - 1, 1), form_id, receipt, sheet.answers)
    if wish in ("stay", "stop"):
        return Flow(page, form_id, receipt, sheet.answers, is_stopped=wish == "stop")
    last = PAGES if wish == "send" else page
    faulty = next((p for p in range(1, last + 1) if sheet.faults.keys() & set(items_of(p))), None)
    if faulty is not None:
        here = {item: sheet.faults[item] for item in items_of(faulty) if item in sheet.faults}
        return Flow(faulty, form_id, receipt, sheet.answers, here)
    if wish == "send":
        return Flow(PAGES, form_id, receipt, sheet.answers, is_complete=True)
    return Flow(min(page + 1, PAGES), form_id, receipt, sheet.answers)


def _wish(form: MultiDict[str, str]) -> Wish:
    return _WISHES.get(form.get("go", ""), "next" if "step" in form else "start")


def _page(form: MultiDict[str, str]) -> int:
    step = form.get("step", "")
    return int(step) if step in {str(page) for page in range(1, PAGES + 1)} else 1


def _form_id(form: MultiDict[str, str]) -> UUID:
    try:
        return UUID(hex=form.get("form_id", ""))
    except ValueError:
        return uuid4()

"""What the API answers and takes, field by field: the OpenAPI document is made from this."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wellbeing.actions.ledger_list import Origin
from wellbeing.domain.ledger import Progress, Step
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.support import OfferState

MOST_AT_ONCE = 200
NextCursor = Field(description="The cursor of the next page; null on the last one.")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Format(StrEnum):
    """How a list is written."""

    JSON = "json"
    CSV = "csv"


class Page(_Model):
    """Which part of a list."""

    cursor: str | None = Field(
        None, max_length=64, description="The `next_cursor` of the page before; none for the first."
    )
    limit: int = Field(50, ge=1, le=MOST_AT_ONCE, description="How many at most.")


class PageInFormat(Page):
    """Which part of a list, and how it is written."""

    format: Format = Field(Format.JSON, description="The same rows as JSON or as CSV.")


class InFormat(_Model):
    """How a list is written."""

    format: Format = Field(Format.JSON, description="The same rows as JSON or as CSV.")


class Unit(_Model):
    """An open unit or reporting group in reach of the token."""

    unit_id: UUID
    unit: str = Field(description="The path from the top.", examples=["Østerhus / Bostøtte"])
    parent_id: UUID | None = Field(description="The unit above; null at the top.")
    is_reporting_group: bool = Field(description="Small teams that are counted together.")


class Units(_Model):
    """A page of units."""

    units: list[Unit]
    next_cursor: str | None = NextCursor


class Figure(_Model):
    """A figure exactly as it is shown: a whole point, or an end of the scale."""

    scale: Literal["CS", "BO", "STS"] = Field(
        description="Compassion satisfaction, burnout, secondary traumatic stress; 10 to 50."
    )
    point: int = Field(ge=10, le=50)
    kind: Literal["exact", "or_more", "or_less"] = Field(
        description="or_more, or_less: the mean lies there or beyond; no more is known."
    )


class Answers(_Model):
    """How many answers a figure rests on, as a range; never the number."""

    at_least: int
    at_most: int | None = Field(description="null: no upper end.")


class Withheld(_Model):
    """Why a unit has no figure in a round, and what its people are counted in."""

    reason: Literal["too_few", "not_used", "nobody", "pooled"]
    counted_in: str | None = Field(description="The name of that group, if there is one.")
    counted_in_unit_id: UUID | None


class RoundOfUnit(_Model):
    """What one round published of one unit. It never changes."""

    round_id: UUID
    number: int
    closed_on: date
    is_extra: bool = Field(description="The round asked this unit and those below it only.")
    wording: str = Field(description="Figures of different wordings are not to be compared.")
    figures: list[Figure] = Field(description="Empty where they are withheld.")
    answers: Answers | None
    withheld: Withheld | None


class FiguresOfUnit(_Model):
    """Everything published of one unit, oldest round first."""

    unit_id: UUID
    unit: str
    rounds: list[RoundOfUnit]


class Figures(_Model):
    """A page of units with their figures."""

    units: list[FiguresOfUnit]
    next_cursor: str | None = NextCursor


class StepRead(_Model):
    """A step, how far it has come, and the day it was done or has to be done by."""

    step: Step
    progress: Progress
    day: date | None


class Support(_Model):
    """Support suggested or offered to a unit, step by step."""

    offer_id: UUID | None = Field(description="null: a flag suggests it, and nobody answered yet.")
    flag_id: UUID | None
    unit_id: UUID
    unit: str
    form: SupportForm
    origin: Origin
    since: date
    state: OfferState | None
    is_open: bool = Field(description="Somebody still has something to do.")
    overdue: Step | None = Field(description="The step that should have been taken.")
    steps: list[StepRead]


class Ledger(_Model):
    """A page of the ledger."""

    support: list[Support]
    next_cursor: str | None = NextCursor


class Problem(_Model):
    """Why a request was refused (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str

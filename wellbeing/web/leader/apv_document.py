"""The APV pack as tables in the reader's language: the same for page, PDF and workbook."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from wellbeing.actions.apv import ApvPack, Period
from wellbeing.actions.apv_figures import RoundFigures
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.units import PATH_SEPARATOR
from wellbeing.apv_workbook import Cell, Sheet
from wellbeing.domain.support_forms import SupportForm
from wellbeing.web.leader.apv_words import (
    VERDICTS,
    say_end,
    say_state,
    say_verdict,
)
from wellbeing.web.shared.flag_words import say_flag, say_value
from wellbeing.web.shared.i18n import current_texts, format_day, gettext
from wellbeing.web.support_pages.effect_cards import EffectCard, describe_effects
from wellbeing.web.support_pages.effect_words import say_effects
from wellbeing.web.support_pages.incident_words import KINDS
from wellbeing.web.support_pages.ledger_words import ORIGINS, USEFUL
from wellbeing.web.team_page import words
from wellbeing.web.team_page.page import UnitName
from wellbeing.web.team_page.sections import say_point

Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the pack: a heading, a sheet's name too, and a table or why there is none."""

    heading: str
    columns: tuple[str, ...]
    rows: list[Row]
    empty: str


@dataclass(frozen=True, slots=True)
class ApvDocument:
    """The pack in words. `counted_in` names the group whose figures stand for the unit's, or "";
    `verdicts` are those of the latest round in it.
    """

    unit: UnitName
    period: Period
    counted_in: str
    verdicts: list[str]
    figures: Part
    flags: Part
    incidents: Part
    offers: Part
    sessions: Part
    agreed: Part
    effects: Part
    effect_cards: list[EffectCard]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order of the pack."""
        return (
            *(self.figures, self.flags, self.incidents, self.offers),
            *(self.sessions, self.agreed, self.effects),
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not any(part.rows for part in self.parts)

    @property
    def rows(self) -> int:
        """How many rows it has in all."""
        return sum(len(part.rows) for part in self.parts)


def describe_pack(pack: ApvPack, paths: Mapping[UUID, str], zone: tzinfo) -> ApvDocument:
    """The pack in the reader's language; names of units are short where they lie below its own."""
    tables = _Tables(pack, paths, zone)
    shown = [one for one in pack.rounds if one.points]
    latest = shown[-1].verdicts if shown else {}
    return ApvDocument(
        unit=UnitName.of(paths[pack.unit_id]),
        period=pack.period,
        counted_in=tables.name(pack.counted_in) if pack.counted_in else "",
        verdicts=[
            str(say_verdict(scale, latest[scale])) for scale in words.PAGE_ORDER if scale in latest
        ],
        figures=tables.figures(),
        flags=tables.flags(),
        incidents=tables.incidents(),
        offers=tables.offers(),
        sessions=tables.sessions(),
        agreed=tables.agreed(),
        effects=tables.effects(),
        effect_cards=describe_effects(pack.effects, paths, page_of=pack.unit_id),
    )


def as_sheets(document: ApvDocument, about: Iterable[tuple[str, Cell]]) -> list[Sheet]:
    """A sheet for what the pack is, and one for each part."""
    first = Sheet(str(gettext("About")), (str(gettext("About")), ""), [*about])
    return [first, *(Sheet(p.heading, p.columns, p.rows or [_only(p)]) for p in document.parts)]


def _only(part: Part) -> Row:
    return (part.empty, *[None] * (len(part.columns) - 1))


class _Tables:
    """Makes the table of each part; a column for the unit only where there are several."""

    def __init__(self, pack: ApvPack, paths: Mapping[UUID, str], zone: tzinfo) -> None:
        self._pack, self._paths, self._zone = pack, paths, zone
        self._has_units = len(pack.units) > 1
        self._texts = current_texts()

    def name(self, unit_id: UUID) -> str:
        """The path of a unit from the pack's own unit down, or its name."""
        path, own = self._paths.get(unit_id, ""), self._paths[self._pack.unit_id]
        below = path.removeprefix(f"{own}{PATH_SEPARATOR}")
        return below if below != path else UnitName.of(path).name

    def figures(self) -> Part:
        """A row for each round."""
        columns = [gettext("Round closed on")]
        for scale in words.PAGE_ORDER:
            name = words.say_short(scale)
            columns += [name, gettext("%(scale)s: change", scale=name)]
        return Part(
            gettext("Figures"),
            (*columns, gettext("Answers")),
            [_figures_row(one) for one in self._pack.rounds],
            gettext("No round with figures closed in the period."),
        )

    def flags(self) -> Part:
        """A row for each suggestion of support."""
        columns = (gettext("Raised on"), gettext("Suggestion"), gettext("Why"), gettext("Figure"))
        return self._part(
            gettext("Suggestions"),
            (*columns, gettext("What came of it")),
            (
                (
                    one.unit_id,
                    one.raised_on,
                    str(said.kind),
                    str(said.reason),
                    _flag_figure(one.figures),
                    say_end(one),
                )
                for one in self._pack.flags
                for said in (say_flag(one.kind, one.figures),)
            ),
            gettext("The figures raised no suggestion in the period."),
        )

    def incidents(self) -> Part:
        """A row for each incident: its kind and days only."""
        return self._part(
            gettext("Incidents"),
            (gettext("Day"), gettext("Kind"), gettext("Follow-up ended on")),
            (
                (one.unit_id, one.happened_on, str(KINDS[one.kind]), one.closed_on)
                for one in self._pack.incidents
            ),
            gettext("No incident was registered in the period."),
        )

    def offers(self) -> Part:
        """A row for each offer."""
        return self._part(
            gettext("Offers"),
            (gettext("Offered on"), gettext("Form"), gettext("Why"), gettext("How far it came")),
            (
                (
                    one.unit_id,
                    one.offered_on,
                    self._form(one.form),
                    str(ORIGINS[one.origin]),
                    say_state(
                        one,
                        format_day(one.next_at.astimezone(self._zone).date())
                        if one.next_at
                        else "",
                    ),
                )
                for one in self._pack.offers
            ),
            gettext("No support was offered in the period."),
        )

    def sessions(self) -> Part:
        """A row for each session that was held."""
        columns = (
            gettext("Held on"),
            gettext("Form"),
            gettext("Minutes"),
            gettext("Number present"),
        )
        return self._part(
            gettext("Sessions"),
            (*columns, gettext("Themes"), gettext("Those who were there found it")),
            (
                (
                    one.unit_id,
                    one.held_on,
                    self._form(one.form),
                    one.minutes,
                    one.attended,
                    ", ".join(one.themes),
                    str(USEFUL[one.useful]) if one.useful else "",
                )
                for one in self._pack.sessions
            ),
            gettext("No session was held in the period."),
        )

    def agreed(self) -> Part:
        """A row for each thing agreed in a session."""
        columns = (gettext("Agreed on"), gettext("What"), gettext("Who sees to it"))
        return self._part(
            gettext("Agreements"),
            (*columns, gettext("To be done by"), gettext("Done on")),
            (
                (one.unit_id, one.agreed_on, one.what, one.owner, one.due_on, one.done_on)
                for one in self._pack.agreed
            ),
            gettext("No agreement was written down in the period."),
        )

    def effects(self) -> Part:
        """A row for each offer and scale that can be judged or not."""
        columns = (gettext("First held on"), gettext("Form"), gettext("Scale"))
        return self._part(
            gettext("Did it help?"),
            (*columns, gettext("Verdict"), gettext("In words")),
            (
                (
                    one.judged_in or one.unit_id,
                    one.held_on[0],
                    self._form(one.form),
                    str(said.name),
                    str(said.verdict),
                    " ".join(filter(None, (said.text, said.compared, said.caution))),
                )
                for one in self._pack.effects
                for said in say_effects(one.effects, one.lead)
            ),
            gettext("There was no support in the period that figures could judge."),
        )

    def _part(
        self,
        heading: str,
        columns: tuple[str, ...],
        rows: Iterable[tuple[UUID, Cell, *tuple[Cell, ...]]],
        empty: str,
    ) -> Part:
        """With the name of the unit behind the day where there are several."""
        if not self._has_units:
            return Part(heading, columns, [row[1:] for row in rows], empty)
        named = [(day, self.name(unit), *rest) for unit, day, *rest in rows]
        first, *others = columns
        return Part(heading, (first, gettext("Unit"), *others), list(named), empty)

    def _form(self, form: SupportForm) -> str:
        return form_label(form, self._texts)


def _figures_row(one: RoundFigures) -> Row:
    cells: list[Cell] = [one.closed_on]
    for scale in words.PAGE_ORDER:
        point = one.points.get(scale)
        exact = point is not None and point.kind == "exact"
        cells.append(point.point if point is not None and exact else say_point(point))
        cells.append(str(VERDICTS[one.verdicts[scale]]) if scale in one.verdicts else "")
    reason = words.WITHHELD_SHORT.get(one.withheld, "")
    return [*cells, words.say_size(one.size) if one.points else str(reason)]


def _flag_figure(figures: Mapping[str, object]) -> str:
    point = figures.get("now")
    return say_value(point, figures.get("now_kind")) if isinstance(point, int) else ""

"""Whether support helped, as the pages of units and the ledger show it: a card for each offer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wellbeing.actions.effects import FormEffects, OfferEffects
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.units import PATH_SEPARATOR
from wellbeing.web.shared.i18n import LazyText, current_texts, format_day, gettext, ngettext
from wellbeing.web.support_pages.effect_words import EffectShown, say_effects, say_units


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What is said of one scale, or of several of which the same is said."""

    names: str
    verdict: LazyText
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """Effects in words: a line for each scale, then what goes for all of them."""

    lines: list[EffectLine]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class EffectCard:
    """An offer and what came of it in one unit; `where` is "" where that is the page's own.

    `unit_id` is the unit whose figures tell, None where there are none; then nothing is told.
    """

    title: str
    held: str
    where: str
    unit_id: UUID | None
    told: Told


@dataclass(frozen=True, slots=True)
class FormCard:
    """A form of support and what came of it over the organisation; `units` is a range."""

    title: str
    units: str
    told: Told


def describe_effects(
    found: Iterable[OfferEffects], paths: Mapping[UUID, str], *, page_of: UUID
) -> list[EffectCard]:
    """A card for each, in the order given, as the page of the unit `page_of` shows them."""
    return [describe_effect(offer, paths, page_of=page_of) for offer in found]


def describe_effect(
    offer: OfferEffects, paths: Mapping[UUID, str], *, page_of: UUID | None = None
) -> EffectCard:
    """An offer and what came of it."""
    return EffectCard(
        title=form_label(offer.form, current_texts()),
        held=_say_held(offer.held_on),
        where=_say_where(offer, paths, page_of),
        unit_id=offer.judged_in,
        told=_tell(say_effects(offer.effects, offer.lead)),
    )


def describe_forms(found: Iterable[FormEffects]) -> list[FormCard]:
    """A card for each form of support, in the order given."""
    texts = current_texts()
    return [
        FormCard(form_label(one.form, texts), say_units(one.units), _tell(say_effects(one.effects)))
        for one in found
    ]


def _tell(effects: list[EffectShown]) -> Told:
    """The same is said once, however many scales it goes for."""
    alike: dict[tuple[str, str], list[EffectShown]] = {}
    for effect in effects:
        alike.setdefault((str(effect.verdict), effect.text), []).append(effect)
    lines = [
        EffectLine(_say_names(group, len(effects)), group[0].verdict, group[0].text)
        for group in alike.values()
    ]
    notes = [note for effect in effects for note in (effect.compared, effect.caution) if note]
    return Told(lines, list(dict.fromkeys(notes)))


def _say_names(group: list[EffectShown], all_of_them: int) -> str:
    if len(group) == all_of_them > 1:
        return str(gettext("On all three scales"))
    return ", ".join(str(effect.name) for effect in group)


def _say_held(days: tuple[date, ...]) -> str:
    first, last = format_day(days[0]), format_day(days[-1])
    if len(days) == 1:
        return str(gettext("Held on %(day)s", day=first))
    return str(
        ngettext(
            "Held on %(num)s day from %(first)s to %(last)s",
            "Held on %(num)s days from %(first)s to %(last)s",
            len(days),
            first=first,
            last=last,
        )
    )


def _say_where(offer: OfferEffects, paths: Mapping[UUID, str], page_of: UUID | None) -> str:
    """For whom it was and whose figures tell, where that is not the page's own unit."""
    offered, judged = offer.unit_id, offer.judged_in or offer.unit_id
    if offered == judged:
        return "" if offered == page_of else _name(offered, paths)
    if offered == page_of:
        return str(gettext("Told by the figures of %(unit)s", unit=_name(judged, paths)))
    return str(
        gettext(
            "Held for %(unit)s, told by the figures of %(judged)s",
            unit=_name(offered, paths),
            judged=_name(judged, paths),
        )
    )


def _name(unit_id: UUID, paths: Mapping[UUID, str]) -> str:
    path = paths.get(unit_id)
    return path.rpartition(PATH_SEPARATOR)[2] if path else str(gettext("a unit that has closed"))

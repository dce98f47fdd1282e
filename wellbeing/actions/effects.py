"""Whether support helped, judged from everything published; reads no answer and names no person.

An estimate in one unit rests on the published figures of the others: decision 15 says why whoever
reads the unit may read it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.effect_series import SeriesOfUnits, find_series_of_units
from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.effect_rules import load_effect_rules
from wellbeing.domain.effects import Effect, Effects, Support, find_effects
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.reporting import path_up
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import Flag
from wellbeing.store.support import Offer, SessionState, SupportSession


@dataclass(frozen=True, slots=True)
class OfferEffects:
    """What came of an offer, judged by the figures of one unit on each scale.

    `judged_in` is the unit it was offered to, a unit below it, or the reporting group that the
    unit is counted in; None, with no effects, where none of them ever showed a figure. `lead` is
    the scale that the offer answers, if it answers one.
    """

    offer_id: UUID
    unit_id: UUID
    form: SupportForm
    held_on: tuple[date, ...]
    lead: Scale | None
    judged_in: UUID | None
    effects: Mapping[Scale, Effect]


@dataclass(frozen=True, slots=True)
class FormEffects:
    """What came of a form of support in all units that had it; `units` counts those with figures,
    and is shown as a range only.
    """

    form: SupportForm
    units: int
    effects: Mapping[Scale, Effect]


@dataclass(frozen=True, slots=True)
class _Held:
    """An offer to a unit of which at least one session was held."""

    offer_id: UUID
    unit_id: UUID
    form: SupportForm
    held_on: tuple[date, ...]
    lead: Scale | None


_Pair = tuple[_Held, UUID | None]


def find_effects_of_unit(
    session: Session, unit_id: UUID, *, own_only: bool, zone: ZoneInfo
) -> list[OfferEffects]:
    """What came of support that a unit had, the latest first: its own, or that of a unit it is part
    of. An offer that several units had comes once for each.

    Without `own_only` that of the units below it too, for those who read them.
    """
    held, units = _find_held(session, zone), _Units(session)
    told = units.told_with(unit_id, own_only=own_only)
    # Most units never had any: then nobody's figures have to be read.
    if not any(units.reach_of(offer) & told or offer.unit_id in told for offer in held):
        return []
    return _tell([pair for offer in held for pair in units.pairs_of(offer, told)], held, units)


def find_effects_of_offers(
    session: Session, offer_ids: Collection[UUID], *, zone: ZoneInfo
) -> list[OfferEffects]:
    """What came of these offers, in every unit that each is judged in, the latest first."""
    held, units = _find_held(session, zone), _Units(session)
    asked = [offer for offer in held if offer.offer_id in offer_ids]
    pairs = ((offer, unit) for offer in asked for unit in units.judged_in(offer) or (None,))
    return _tell(list(pairs), held, units)


def find_effects_of_forms(session: Session, *, zone: ZoneInfo) -> list[FormEffects]:
    """What came of each form of support that was held, in the order of the forms; no ranking."""
    held, units = _find_held(session, zone), _Units(session)
    supports = _supports_of(held, units)
    found = _judge(supports, units)
    return [
        FormEffects(
            form,
            len({support.unit for support in supports if support.form == form}),
            {scale: effects.by_form[form] for scale, effects in found.items()},
        )
        for form in SupportForm
        if any(support.form == form for support in supports)
    ]


class _Units:
    """The tree of units, with the published series of those that ever showed a figure."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._group_of = {
            team: group for group, teams in find_groups(session).items() for team in teams
        }
        self._below: dict[UUID, set[UUID]] = {}
        parents = find_parents(session)
        for unit in parents:
            for above in path_up(unit, parents):
                self._below.setdefault(above, set()).add(unit)

    @cached_property
    def series(self) -> SeriesOfUnits:
        """Read when first asked for."""
        return find_series_of_units(self._session)

    @cached_property
    def places(self) -> dict[UUID, int]:
        """The place of each unit with figures among the series."""
        return {unit: place for place, unit in enumerate(self.series.units)}

    def reach_of(self, offer: _Held) -> set[UUID]:
        """The units whose people an offer was for, and the reporting group it was counted in."""
        reach = {offer.unit_id} | self._below.get(offer.unit_id, set())
        return reach | {self._group_of.get(offer.unit_id, offer.unit_id)}

    def judged_in(self, offer: _Held) -> tuple[UUID, ...]:
        """Those of them with figures of their own, in a fixed order."""
        return tuple(sorted(self.reach_of(offer) & self.places.keys()))

    def told_with(self, unit_id: UUID, *, own_only: bool) -> set[UUID]:
        """The units that are told of on the page of this one."""
        told = {unit_id, self._group_of.get(unit_id, unit_id)}
        return told if own_only else told | self._below.get(unit_id, set())

    def pairs_of(self, offer: _Held, told: set[UUID]) -> list[_Pair]:
        """The offer with each unit to be told of; what another team of a reporting group had is
        not for the readers of this one.
        """
        is_others = self._group_of.get(offer.unit_id) in told and offer.unit_id not in told
        units = [unit for unit in self.judged_in(offer) if unit in told and not is_others]
        if not units and offer.unit_id in told:
            return [(offer, None)]
        return [(offer, unit) for unit in units]


def _supports_of(held: Sequence[_Held], units: _Units) -> list[Support[int]]:
    """Each offer once for each unit that tells of it; none twice."""
    found = ((offer, unit) for offer in held for unit in units.judged_in(offer))
    return list(dict.fromkeys(_support(offer, unit, units) for offer, unit in found))


def _support(offer: _Held, unit: UUID, units: _Units) -> Support[int]:
    return Support(units.places[unit], offer.form.value, offer.held_on)


def _judge(supports: Sequence[Support[int]], units: _Units) -> dict[Scale, Effects[int]]:
    if not supports:
        return {}
    instrument, trend, rules = load_instrument(), load_flag_rules().trend, load_effect_rules()
    return {
        scale: find_effects(series, supports, scale, instrument, trend, rules)
        for scale, series in units.series.of_scale.items()
    }


def _tell(pairs: Sequence[_Pair], held: Sequence[_Held], units: _Units) -> list[OfferEffects]:
    is_judged = any(unit is not None for _, unit in pairs)
    found = _judge(_supports_of(held, units), units) if is_judged else {}
    return [
        OfferEffects(
            offer_id=offer.offer_id,
            unit_id=offer.unit_id,
            form=offer.form,
            held_on=offer.held_on,
            lead=offer.lead,
            judged_in=unit,
            effects={}
            if unit is None
            else {
                scale: effects.by_support[_support(offer, unit, units)]
                for scale, effects in found.items()
            },
        )
        for offer, unit in pairs
    ]


def _find_held(session: Session, zone: ZoneInfo) -> list[_Held]:
    """Offers to units of which sessions were held, the latest first."""
    query = (
        select(Offer, SupportSession.starts_at, Flag.figures)
        .join(SupportSession, SupportSession.offer_id == Offer.id)
        .outerjoin(Flag, Flag.id == Offer.flag_id)
        .where(Offer.unit_id.is_not(None), SupportSession.state == SessionState.HELD)
    )
    offers: dict[UUID, tuple[Offer, Scale | None]] = {}
    days: dict[UUID, set[date]] = {}
    for offer, starts_at, figures in session.execute(query):
        offers[offer.id] = offer, _lead_of(offer, figures)
        days.setdefault(offer.id, set()).add(starts_at.astimezone(zone).date())
    held = [
        _Held(offer.id, offer.unit_id, offer.form, tuple(sorted(days[offer.id])), lead)
        for offer, lead in offers.values()
        if offer.unit_id is not None
    ]
    return sorted(held, key=lambda offer: (offer.held_on[::-1], offer.offer_id), reverse=True)


def _lead_of(offer: Offer, figures: object) -> Scale | None:
    """The scale of the flag; after an incident, the one on what stays with people."""
    if offer.incident_id is not None:
        return Scale.STS
    scale = figures.get("scale") if isinstance(figures, Mapping) else None
    return Scale(scale) if scale in set(Scale) else None

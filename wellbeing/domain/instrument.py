"""ProQOL 5 as data: items, scales, bands and reference samples, and the words they are asked in."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.resources import folder

NOT_SCORED = 0
ITEM_COUNT = 30
ITEMS_PER_SCALE = 10
ANCHOR_COUNT = 5
LOWEST_SCORE = 10
HIGHEST_SCORE = 50

_INSTRUMENT_FILE = "proqol5.toml"
_WORDING_PREFIX = "proqol5-adapted."
_TITLE = "ProQOL 5"

Value = TypeVar("Value")


class Scale(StrEnum):
    """A scale of ProQOL 5, in the order used everywhere."""

    CS = "CS"
    BO = "BO"
    STS = "STS"


class Band(StrEnum):
    """The published self-score bands."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Reference:
    """A published sample to compare a level with; `sd` lacks a scale where none was published."""

    id: str
    label: str
    source: str
    n: int
    mean: Mapping[Scale, float]
    sd: Mapping[Scale, float]


@dataclass(frozen=True, slots=True)
class Instrument:
    """How thirty answers become three scores; item numbers count from 1, scores are 10–50."""

    id: str
    name: str
    items: int
    lowest_answer: int
    highest_answer: int
    reference_days: int
    min_answered: int
    reversed_items: frozenset[int]
    subscales: Mapping[Scale, tuple[int, ...]]
    bands: Mapping[Scale, Mapping[Band, tuple[int, int]]]
    alpha: Mapping[Scale, float]
    standard_error: Mapping[Scale, float]
    reliable_change: Mapping[Scale, int]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one form in one language; `sha256` identifies what is asked."""

    id: str
    locale: str
    instrument_id: str
    label: str
    intro: str
    anchors: tuple[str, ...]
    prefer_not: str
    items: tuple[str, ...]
    note: str
    credits: tuple[str, ...]
    link: str
    sha256: str

    @property
    def title(self) -> str:
        """What pages call it: an adapted wording says so behind the name of the instrument."""
        return _TITLE if self.label == _TITLE else f"{_TITLE}, {self.label}"


def band_of(instrument: Instrument, scale: Scale, score: float) -> Band:
    """The band of a score or mean of 10–50, rounded half up first; BadInput outside 10–50."""
    if LOWEST_SCORE <= score <= HIGHEST_SCORE:
        points = math.floor(score + 0.5)
        for band, (low, high) in instrument.bands[scale].items():
            if low <= points <= high:
                return band
    raise BadInput(f"{score} is not a score from {LOWEST_SCORE} to {HIGHEST_SCORE}.")


def load_instrument(path: Path | None = None) -> Instrument:
    """The instrument in a TOML file, by default ProQOL 5; BadInput when it is unsound."""
    return _load_instrument(path or _instruments_folder() / _INSTRUMENT_FILE)


def load_wording(locale: str) -> Wording:
    """The project's own wording in a language; Missing when there is no file for it."""
    if locale not in wording_locales():
        raise Missing(f"There is no wording of the questions in the language '{locale}'.")
    return _load_wording(_instruments_folder() / f"{_WORDING_PREFIX}{locale}.toml", locale)


def wording_locales() -> tuple[str, ...]:
    """The languages there is a wording in, alphabetically; a new file adds a language."""
    return _find_wording_locales(_instruments_folder())


def build_instrument(file: CheckedTable) -> Instrument:
    """The instrument in a parsed file; BadInput says what in it is wrong."""
    scales = file.table("scales")
    scales.check_names(*Scale)
    instrument = Instrument(
        id=file.text("id"),
        name=file.text("name"),
        items=file.whole_number("items"),
        lowest_answer=file.whole_number("lowest_answer"),
        highest_answer=file.whole_number("highest_answer"),
        reference_days=file.whole_number("reference_days"),
        min_answered=file.whole_number("min_answered"),
        reversed_items=frozenset(file.whole_numbers("reversed_items")),
        subscales=_per_scale(lambda scale: scales.table(scale).whole_numbers("items")),
        bands=_per_scale(lambda scale: _bands(scales.table(scale).table("bands"))),
        alpha=_per_scale(lambda scale: scales.table(scale).number("alpha")),
        standard_error=_per_scale(lambda scale: scales.table(scale).number("standard_error")),
        reliable_change=_per_scale(
            lambda scale: scales.table(scale).whole_number("reliable_change")
        ),
        references=tuple(_reference(entry) for entry in file.tables("references")),
    )
    _check_items(instrument, file)
    return instrument


def build_wording(file: CheckedTable) -> Wording:
    """The wording in a parsed file or imported form; BadInput says what in it is wrong."""
    numbers = [str(number) for number in range(1, ITEM_COUNT + 1)]
    file.table("items").check_names(*numbers)
    items = tuple(file.table("items").text(number) for number in numbers)
    intro, prefer_not = file.text("intro"), file.text("prefer_not")
    anchors = file.texts("anchors")
    if len(anchors) != ANCHOR_COUNT:
        raise file.fault(f"'anchors' must be {ANCHOR_COUNT} texts.")
    if len(set(items)) != ITEM_COUNT:
        raise file.fault("two items have the same text.")
    return Wording(
        id=file.text("id"),
        locale=file.text("locale"),
        instrument_id=file.text("instrument"),
        label=file.text("label"),
        intro=intro,
        anchors=anchors,
        prefer_not=prefer_not,
        items=items,
        note=file.text("note"),
        credits=file.texts("credits"),
        link=file.text("link"),
        sha256=sha256_of_asked(items, anchors, intro, prefer_not),
    )


def sha256_of_asked(
    items: tuple[str, ...], anchors: tuple[str, ...], intro: str, prefer_not: str
) -> str:
    """SHA-256, in hexadecimal, of what is asked as compact JSON with sorted keys, in UTF-8."""
    asked = {"items": items, "anchors": anchors, "intro": intro, "prefer_not": prefer_not}
    canonical = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _instruments_folder() -> Path:
    return folder("config") / "instruments"


@cache
def _find_wording_locales(instruments: Path) -> tuple[str, ...]:
    files = instruments.glob(f"{_WORDING_PREFIX}*.toml")
    return tuple(sorted(file.stem.removeprefix(_WORDING_PREFIX) for file in files))


@cache
def _load_instrument(path: Path) -> Instrument:
    return build_instrument(CheckedTable.of_file(path))


@cache
def _load_wording(path: Path, locale: str) -> Wording:
    wording = build_wording(CheckedTable.of_file(path))
    if wording.locale != locale:
        raise BadInput(f"{path.name}: 'locale' must be '{locale}', as in the file's name.")
    return wording


def _per_scale(value_of: Callable[[Scale], Value]) -> Mapping[Scale, Value]:
    return MappingProxyType({scale: value_of(scale) for scale in Scale})


def _reference(entry: CheckedTable) -> Reference:
    mean, sd = entry.table("mean"), entry.table("sd")
    return Reference(
        id=entry.text("id"),
        label=entry.text("label"),
        source=entry.text("source"),
        n=entry.whole_number("n"),
        mean=_per_scale(mean.number),
        sd=MappingProxyType({scale: sd.number(scale) for scale in Scale if scale in sd.data}),
    )


def _bands(given: CheckedTable) -> Mapping[Band, tuple[int, int]]:
    given.check_names(*Band)
    ends = {band: given.whole_numbers(band) for band in Band}
    if any(len(pair) != 2 for pair in ends.values()):
        raise given.fault("a band is its lowest and its highest score.")
    covered = [score for low, high in ends.values() for score in range(low, high + 1)]
    if covered != list(range(LOWEST_SCORE, HIGHEST_SCORE + 1)):
        raise given.fault(f"bands must cover {LOWEST_SCORE} to {HIGHEST_SCORE}, each score once.")
    return MappingProxyType({band: (low, high) for band, (low, high) in ends.items()})


def _check_items(instrument: Instrument, file: CheckedTable) -> None:
    """Raises BadInput unless three scales share out thirty items, ten each, answered 1 to 5."""
    answers = (instrument.lowest_answer, instrument.highest_answer)
    if instrument.items != ITEM_COUNT or answers != (1, ANCHOR_COUNT):
        raise file.fault(f"an instrument has {ITEM_COUNT} items answered 1 to {ANCHOR_COUNT}.")
    if any(len(members) != ITEMS_PER_SCALE for members in instrument.subscales.values()):
        raise file.fault(f"each scale must have {ITEMS_PER_SCALE} items.")
    everything = set(range(1, ITEM_COUNT + 1))
    if {item for members in instrument.subscales.values() for item in members} != everything:
        raise file.fault(f"each item from 1 to {ITEM_COUNT} must be on exactly one scale.")
    if not instrument.reversed_items <= everything:
        raise file.fault(f"a reversed item must be an item from 1 to {ITEM_COUNT}.")
    if not 1 <= instrument.min_answered <= ITEMS_PER_SCALE:
        raise file.fault(f"'min_answered' must be from 1 to {ITEMS_PER_SCALE}.")

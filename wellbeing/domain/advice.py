"""What a person may do with their own result, read from config/advice.toml."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.resources import folder

MOST_SHOWN = 4


class Occasion(StrEnum):
    """For whom a piece of advice is; all but the first stand out clearly from the reference."""

    EVERYBODY = "everybody"
    LITTLE_SATISFACTION = "little_satisfaction"
    MUCH_BURNOUT = "much_burnout"
    MUCH_SECONDARY_STRESS = "much_secondary_stress"


class Layer(StrEnum):
    """Whom the advice is done with, in the order it is shown."""

    YOURSELF = "yourself"
    TOGETHER = "together"
    PROFESSIONAL = "professional"


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One sentence or two, by language."""

    occasions: frozenset[Occasion]
    text: Mapping[str, str]

    def text_in(self, language: str) -> str:
        """The text in a language, or in the first one it is written in."""
        return self.text.get(language) or next(iter(self.text.values()))


Advice = Mapping[Layer, tuple[Piece, ...]]


def load_advice(path: Path | None = None) -> Advice:
    """The advice in a TOML file, by default config/advice.toml; BadInput says what is wrong."""
    return _load(path or folder("config") / "advice.toml")


def choose_advice(advice: Advice, occasions: AbstractSet[Occasion]) -> Advice:
    """At most four pieces of each layer: one for each of these occasions, one for everybody, and
    more of both where there is room.
    """
    return {layer: _choose(pieces, occasions) for layer, pieces in advice.items()}


def _choose(pieces: tuple[Piece, ...], occasions: AbstractSet[Occasion]) -> tuple[Piece, ...]:
    wanted = [occasion for occasion in Occasion if occasion in occasions]
    for_everybody = [piece for piece in pieces if Occasion.EVERYBODY in piece.occasions]
    own = [p for p in pieces if p not in for_everybody and p.occasions & occasions]
    firsts = [next((p for p in own if occasion in p.occasions), None) for occasion in wanted]
    in_order = dict.fromkeys([*(p for p in firsts if p), *own])
    return (*list(in_order)[: MOST_SHOWN - 1], *for_everybody)[:MOST_SHOWN]


@cache
def _load(path: Path) -> Advice:
    file = CheckedTable.of_file(path)
    file.check_names(*Layer)
    advice = {layer: tuple(_piece(entry) for entry in file.tables(layer)) for layer in Layer}
    for layer, pieces in advice.items():
        if not any(Occasion.EVERYBODY in piece.occasions for piece in pieces):
            raise file.fault(f"'{layer}' has nothing for everybody.")
    return advice


def _piece(entry: CheckedTable) -> Piece:
    entry.check_names("for", "text")
    names = entry.texts("for")
    unknown = [name for name in names if name not in set(Occasion)]
    if unknown or not names:
        raise entry.fault(f"'for' must be some of: {', '.join(Occasion)}.")
    texts = entry.table("text")
    if not texts.data:
        raise entry.fault("'text' has no language.")
    by_language = {language: texts.text(language) for language in texts.data}
    return Piece(frozenset(Occasion(name) for name in names), by_language)

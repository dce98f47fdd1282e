"""The guided conversation of a small team, read from config/conversation.toml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.resources import folder

_NOT_LANGUAGES = {"minutes", "cards"}


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and for how many minutes."""

    minutes: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card to put on the table: its heading, its question, and a thought beside it."""

    title: str
    question: str
    thought: str


@dataclass(frozen=True, slots=True)
class CardGroup:
    """Cards that belong together."""

    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The whole guide in one language, and what it builds on."""

    locale: str
    steps: tuple[Step, ...]
    groups: tuple[CardGroup, ...]
    source: str
    link: str

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(step.minutes for step in self.steps)


def load_conversation(locale: str, path: Path | None = None) -> Conversation:
    """The guide in a language, or in the first one it is written in; BadInput says what is wrong,
    also in a language that is not asked for.
    """
    guides = _load(path or folder("config") / "conversation.toml")
    return next((guide for guide in guides if guide.locale == locale), guides[0])


@cache
def _load(path: Path) -> tuple[Conversation, ...]:
    file = CheckedTable.of_file(path)
    file.check_names("source", "link", "steps", "groups")
    steps = file.tables("steps")
    locales = [name for name in steps[0].data if name not in _NOT_LANGUAGES] if steps else []
    if not locales:
        raise file.fault("has no step in any language.")
    return tuple(_read(file, locale) for locale in locales)


def _read(file: CheckedTable, locale: str) -> Conversation:
    return Conversation(
        locale=locale,
        steps=tuple(
            Step(step.whole_number("minutes"), step.text(locale)) for step in file.tables("steps")
        ),
        groups=tuple(
            CardGroup(
                group.text(locale), tuple(_card(card, locale) for card in group.tables("cards"))
            )
            for group in file.tables("groups")
        ),
        source=file.text("source"),
        link=file.text("link"),
    )


def _card(card: CheckedTable, locale: str) -> Card:
    texts = card.texts(locale)
    if len(texts) != 3:
        raise card.fault(f"'{locale}' must be a heading, a question and a thought.")
    return Card(*texts)

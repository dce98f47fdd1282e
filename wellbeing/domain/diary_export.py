"""A diary as files that other programs read; the form is documented here and has a version.

JSON: {"format", "version", "made_on", "instrument", "scales": {scale: {"name", "lowest",
"highest", "bands": {band: [low, high]}, "reliable_change"}}, "entries": [{"answered_at",
"language", "scores": {scale: number or null}, "bands": {scale: band or null}, "answers":
[{"item", "sentence", "answer": 1–5 or null, "words"}], "credits"}]}, newest entry first. A scale
is null when it was not scored, an answer when it was not given. Sentences are those that were
asked, null where they are not known any more.

CSV: one row a check-in, newest first: `date`, `item1` to `item30` (empty = not answered) as
`wellbeing score` reads them, then the three scores and their bands.

Receipts are in neither: a file may lie about, and a receipt is for changing an answer.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wellbeing.domain.csv_blocks import ITEM_COLUMNS
from wellbeing.domain.instrument import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    NOT_SCORED,
    Instrument,
    Scale,
    Wording,
    band_of,
)

FORMAT, VERSION = "wellbeing-diary", 1
SCALE_NAMES = {
    Scale.CS: "compassion_satisfaction",
    Scale.BO: "burnout",
    Scale.STS: "secondary_traumatic_stress",
}


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """One check-in: when, in local time; scores (0 = not scored), answers (0 = not given)."""

    at: datetime
    scores: tuple[int, int, int]
    answers: tuple[int, ...]
    language: str | None = None
    wording: Wording | None = None


def diary_as_json(entries: Sequence[ExportEntry], instrument: Instrument, *, made_on: date) -> str:
    """The whole diary, readable by people too."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "made_on": made_on.isoformat(),
        "instrument": instrument.name,
        "scales": {scale.value: _describe(scale, instrument) for scale in Scale},
        "entries": [_entry(entry, instrument) for entry in entries],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def diary_as_csv(
    entries: Sequence[ExportEntry], instrument: Instrument, *, delimiter: str = ","
) -> str:
    """One row a check-in, with a mark that says it is UTF-8; dates, numbers and bands only, so
    nothing that a spreadsheet could take for a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    names = [SCALE_NAMES[scale] for scale in Scale]
    writer.writerow(["date", *ITEM_COLUMNS, *names, *(f"{name}_band" for name in names)])
    for entry in entries:
        scores = [score or "" for score in entry.scores]
        bands = [band or "" for band in _bands(entry, instrument).values()]
        answers = [answer or "" for answer in entry.answers]
        row = [entry.at.date().isoformat(), *answers, *scores, *bands]
        writer.writerow(row)
    return "\ufeff" + out.getvalue()


def _describe(scale: Scale, instrument: Instrument) -> dict[str, Any]:
    return {
        "name": SCALE_NAMES[scale],
        "lowest": LOWEST_SCORE,
        "highest": HIGHEST_SCORE,
        "bands": {band.value: list(ends) for band, ends in instrument.bands[scale].items()},
        "reliable_change": instrument.reliable_change[scale],
    }


def _entry(entry: ExportEntry, instrument: Instrument) -> dict[str, Any]:
    scores = zip(Scale, entry.scores, strict=True)
    return {
        "answered_at": entry.at.isoformat(timespec="minutes"),
        "language": entry.language,
        "scores": {scale.value: score or None for scale, score in scores},
        "bands": _bands(entry, instrument),
        "answers": [
            _answer(number, answer, entry.wording)
            for number, answer in enumerate(entry.answers, start=1)
        ],
        "credits": list(entry.wording.credits) if entry.wording else [],
    }


def _bands(entry: ExportEntry, instrument: Instrument) -> dict[str, str | None]:
    return {
        scale.value: None if score == NOT_SCORED else band_of(instrument, scale, score).value
        for scale, score in zip(Scale, entry.scores, strict=True)
    }


def _answer(number: int, answer: int, wording: Wording | None) -> dict[str, Any]:
    return {
        "item": number,
        "sentence": wording.items[number - 1] if wording else None,
        "answer": answer or None,
        "words": wording.anchors[answer - 1] if wording and answer else None,
    }

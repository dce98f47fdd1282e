"""Reads the short notation of published series used in tests: "23 22 - | 38+ 14-"."""

from datetime import date

from wellbeing.domain.trends import Point, PointKind, Series

KINDS: dict[str, PointKind] = {"+": "or_more", "-": "or_less"}


def read_series(shown: str, n: int | list[int]) -> Series:
    """One entry per round, a quarter apart; "-" is withheld, "|" a break before the next round."""
    series: list[Point | None] = []
    answers = iter(n) if isinstance(n, list) else None
    after_break = False
    for word in shown.split():
        if word == "|":
            after_break = True
            continue
        if word == "-":
            series.append(None)
            continue
        kind = KINDS.get(word[-1], "exact")
        count = next(answers) if answers else n
        assert isinstance(count, int)
        series.append(
            Point(
                round_index=len(series),
                closed_on=date(2024 + len(series) // 4, 2 + 3 * (len(series) % 4), 20),
                n=count,
                point=int(word.rstrip("+-")),
                kind=kind,
                series_break=after_break,
            )
        )
        after_break = False
    return series

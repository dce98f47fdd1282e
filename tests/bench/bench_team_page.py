"""How long a leader's whole page takes as the record grows: ten years of monthly rounds and two.

A request through every guard: sign-in, queries, verdicts, tables, the charts' versions, the entry
in the audit log, and the page itself. SQLite, as in production. Both houses are asked in turn, so
both meet the same machine.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from tests.web.long_record import LongHouse, Visit

SHORT_ROUNDS, LONG_ROUNDS = 24, 120
WARM_UP, VISITS = 10, 100

Row = dict[str, Any]


def run() -> list[Row]:
    """The median of single visits to the page of a team, and of a chart that is drawn already."""
    with tempfile.TemporaryDirectory() as name:
        houses = [LongHouse(Path(name) / str(n), n) for n in (LONG_ROUNDS, SHORT_ROUNDS)]
        pages = _median_seconds([house.visit(house.page) for house in houses])
        charts = _median_seconds([house.visit(f"{house.page}/BO.svg") for house in houses])
        for house in houses:
            house.close()
    return [
        _row("team page, 120 monthly rounds (floor: 24)", *pages),
        _row("kept chart of a team, 120 monthly rounds (floor: 24)", *charts),
    ]


def _median_seconds(visits: list[Visit]) -> list[float]:
    taken = [[_seconds(visit) for visit in visits] for _ in range(WARM_UP + VISITS)][WARM_UP:]
    return [median(seconds) for seconds in zip(*taken, strict=True)]


def _seconds(visit: Visit) -> float:
    began = perf_counter()
    visit()
    return perf_counter() - began


def _row(name: str, value: float, floor: float) -> Row:
    return {
        "name": name,
        "value": 1000 * value,
        "unit": "ms",
        "floor": 1000 * floor,
        "ratio": value / floor,
    }


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(
            f"{row['name']:<60}{row['value']:>10.2f}{row['floor']:>10.2f} ms{row['ratio']:>8.2f}\n"
        )

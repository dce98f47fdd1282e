"""Everybody is invited on Monday at 08:00: how many web processes and how much database it takes.

    python -m tests.bench.peak

First the real application is asked, on PostgreSQL, what one person's visit costs: processor time of
our process and of the database, page by page. Then visits arrive as assumed below, and wait for one
of so many processes, first come first served. Told is the smallest number of processes with which,
in the busiest five minutes, 95 of 100 pages wait no longer than half a second for their turn.

What is assumed, and not measured: 70 of 100 answer; 12 of 100 of these come at once, with a delay
that has its peak ten minutes after the mail (gamma, shape 2, scale 10 minutes); 18 more come evenly
through the working day. "Rush" lets all 30 come at once. Each signs in with a password and reads
for as long as `READ_SECONDS` says.
"""

import heapq
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

ANSWER = 0.7
AT_ONCE, RUSH = 0.12, 0.30
SAME_DAY = 0.30
DELAY_SHAPE, DELAY_SCALE = 2.0, 600.0
WORKING_DAY = 8 * 3600.0
# Between one page and the next: sign-in, home, start, and three pages of ten questions.
READ_SECONDS = (20.0, 0.0, 10.0, 20.0, 60.0, 60.0, 60.0)
WAIT_SECONDS, WAIT_SHARE = 0.5, 95.0
BUSIEST = 300.0
DATABASE_BUSY = 0.6  # of its cores; the rest is for writing behind, cleaning up, and jobs
EMPLOYEES = (10_000, 100_000, 1_000_000, 5_000_000)
SEED = 20261126
RESULT = Path("build") / "peak.json"


@dataclass(frozen=True)
class Cost:
    """Processor seconds of one visit: of ours for each of its pages, of the database in all."""

    pages: tuple[float, ...]
    database: float


@dataclass(frozen=True)
class Need:
    """What one case needs; `requests` per second are those of the busiest five minutes."""

    requests: float
    processes: int
    database_cores: float


def arrive(
    people: int, at_once: float, spread: float, rng: np.random.Generator
) -> tuple[Numbers, NDArray[np.int64]]:
    """When pages are asked for, in seconds after 08:00 and in order, and which page each is.

    `spread`: over how many seconds the invitations go out, evenly.
    """
    answering = people * ANSWER
    soon, later = round(answering * at_once), round(answering * (SAME_DAY - at_once))
    starts = np.concatenate(
        [
            rng.uniform(0, spread, soon) + rng.gamma(DELAY_SHAPE, DELAY_SCALE, soon),
            rng.uniform(0, WORKING_DAY, later),
        ]
    )
    pages = len(READ_SECONDS) + 1
    times = np.empty((len(starts), pages))
    times[:, 0] = starts
    for page, seconds in enumerate(READ_SECONDS, start=1):
        # Nobody reads in less than a third of the usual time; some take far longer.
        reading = seconds / 3 + rng.exponential(seconds * 2 / 3, len(starts)) if seconds else 0.05
        times[:, page] = times[:, page - 1] + reading
    flat = times.ravel()
    order = np.argsort(flat, kind="stable")
    return flat[order], (order % pages).astype(np.int64)


def wait(arrivals: Numbers, services: Numbers, servers: int) -> Numbers:
    """Seconds that each waits for its turn at so many `servers`, first come first served."""
    free = [0.0] * servers
    waits = np.empty(len(arrivals))
    for at, (arrival, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        begins = max(free[0], arrival)
        heapq.heapreplace(free, begins + service)
        waits[at] = begins - arrival
    return waits


def busiest(arrivals: Numbers) -> float:
    """When the busiest five minutes begin."""
    step = 15.0
    counts = np.histogram(arrivals, np.arange(0, arrivals[-1] + BUSIEST + step, step))[0]
    width = round(BUSIEST / step)
    sums = np.convolve(counts, np.ones(width), mode="valid")
    return float(np.argmax(sums) * step)


def find_need(
    people: int, cost: Cost, at_once: float, spread: float, rng: np.random.Generator
) -> Need:
    """The smallest number of processes with which waiting stays within the limit."""
    arrivals, pages = arrive(people, at_once, spread, rng)
    begin = busiest(arrivals)
    # Five minutes before are simulated, too: the queue that the busiest begin with.
    inside = (arrivals >= begin - BUSIEST) & (arrivals < begin + BUSIEST)
    arrivals = arrivals[inside]
    # What a page costs varies from one request to the next, by about a third.
    spread_of_cost = rng.gamma(9, 1 / 9, len(arrivals))
    services = np.array(cost.pages)[pages[inside]] * spread_of_cost
    judged = arrivals >= begin
    least = max(1, ceil(services[judged].sum() / BUSIEST))
    most = least
    while not _is_enough(arrivals, services, judged, most):
        least, most = most + 1, ceil(most * 1.1) + 1
    while least < most:
        middle = (least + most) // 2
        if _is_enough(arrivals, services, judged, middle):
            most = middle
        else:
            least = middle + 1
    requests = judged.sum() / BUSIEST
    return Need(requests, most, requests / len(cost.pages) * cost.database / DATABASE_BUSY)


def _is_enough(
    arrivals: Numbers, services: Numbers, judged: NDArray[np.bool_], servers: int
) -> bool:
    waits = wait(arrivals, services, servers)[judged]
    return bool(np.percentile(waits, WAIT_SHARE) <= WAIT_SECONDS)


CASES = {
    "all at 08:00": (AT_ONCE, 0.0),
    "all at 08:00, rush": (RUSH, 0.0),
    "over one hour, rush": (RUSH, 3600.0),
    "over four hours, rush": (RUSH, 4 * 3600.0),
}


def main(arguments: Sequence[str]) -> None:
    """Measures, simulates, prints two tables, and writes build/peak.json."""
    from tests.bench.visit import PAGES, measure_visit
    from tests.field_keys import use_test_keys

    use_test_keys()
    cost = measure_visit(people=int(arguments[0]) if arguments else 200)
    sys.stdout.write("one visit, processor time\n")
    for name, seconds in zip(PAGES, cost.pages, strict=True):
        sys.stdout.write(f"  {name:<24}{1000 * seconds:>8.1f} ms\n")
    sys.stdout.write(f"  {'all pages':<24}{1000 * sum(cost.pages):>8.1f} ms\n")
    sys.stdout.write(f"  {'the database, all pages':<24}{1000 * cost.database:>8.1f} ms\n\n")
    rows: list[dict[str, Any]] = []
    head = ("requests/s", "processes", "db cores")
    sys.stdout.write(
        f"{'employees':>10}  {'invited':<24}" + "".join(f"{h:>12}" for h in head) + "\n"
    )
    for people in EMPLOYEES:
        for name, (at_once, spread) in CASES.items():
            need = find_need(people, cost, at_once, spread, np.random.default_rng(SEED))
            rows.append({"employees": people, "invited": name, **vars(need)})
            sys.stdout.write(
                f"{people:>10,}  {name:<24}{need.requests:>12.0f}{need.processes:>12}"
                f"{need.database_cores:>12.1f}\n"
            )
            sys.stdout.flush()
    RESULT.parent.mkdir(exist_ok=True)
    found = {"pages": dict(zip(PAGES, cost.pages, strict=True)), "database": cost.database}
    RESULT.write_text(json.dumps({"visit": found, "needs": rows}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

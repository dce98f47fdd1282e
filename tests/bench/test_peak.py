"""The simulation of the peak agrees with what is known in closed form."""

from math import exp, factorial

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench import peak
from tests.bench.peak import AT_ONCE, RUSH, SAME_DAY, Cost, Numbers

Marks = NDArray[np.bool_]
COST = Cost((0.003, 0.04, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02), 0.02)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (4, 0.8), (16, 0.9)])
def test_waiting_is_as_long_as_erlang_says(servers: int, load: float) -> None:
    rng = np.random.default_rng(1)
    count = 300_000
    arrivals = np.cumsum(rng.exponential(1 / (servers * load), count))
    waits = peak.wait(arrivals, rng.exponential(1.0, count), servers)
    offered = servers * load
    busy = offered**servers / factorial(servers) / (1 - load)
    waiting = busy / (sum(offered**n / factorial(n) for n in range(servers)) + busy)
    assert waits.mean() == pytest.approx(waiting / (servers * (1 - load)), rel=0.1)


def test_visits_come_when_it_is_assumed_and_page_after_page() -> None:
    people = 100_000
    times, pages = peak.arrive(people, AT_ONCE, 0.0, np.random.default_rng(2))
    assert np.bincount(pages).tolist() == [round(people * peak.ANSWER * SAME_DAY)] * 8
    assert (np.diff(times) >= 0).all()
    starts = times[pages == 0]
    soon = people * peak.ANSWER * (AT_ONCE * (1 - 3 * exp(-2)) + (SAME_DAY - AT_ONCE) / 24)
    assert (starts < 1200).sum() == pytest.approx(soon, rel=0.03)  # gamma: 1 − 3/e² in 20 minutes


def test_more_people_need_more_and_spreading_needs_less() -> None:
    def need(people: int, at_once: float, spread: float) -> int:
        return peak.find_need(people, COST, at_once, spread, np.random.default_rng(3)).processes

    rush = need(100_000, RUSH, 0.0)
    assert need(100_000, AT_ONCE, 0.0) < rush < need(300_000, RUSH, 0.0)
    assert need(300_000, RUSH, 4 * 3600.0) < rush


def test_one_process_fewer_would_not_be_enough() -> None:
    people = 300_000
    enough = peak.find_need(people, COST, RUSH, 0.0, np.random.default_rng(4)).processes
    verdicts: list[bool] = []
    judge = peak._is_enough

    def judge_one_fewer(arrivals: Numbers, services: Numbers, judged: Marks, _servers: int) -> bool:
        verdicts.append(judge(arrivals, services, judged, enough - 1))
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peak, "_is_enough", judge_one_fewer)
        peak.find_need(people, COST, RUSH, 0.0, np.random.default_rng(4))
    assert verdicts[0] is False

"""What is counted for Prometheus, over all workers of a server.

Nothing is counted before `begin_counting`. Of the employee's pages and of the door there is no
number for a page, and numbers move by fifty requests at a time: whoever reads them every few
seconds must not see that somebody is answering. There is no counter of answers at all.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from wellbeing.monitoring.quiet import LOT, area_of, is_quiet

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram
    from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
ALL = "all"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class _Counters:
    requests: "Counter"
    seconds: "Histogram"
    failed_sign_ins: "Counter"
    refusals: "Counter"


class _Lots:
    """Requests to quiet areas that are not told yet."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[str, float]]] = {}
        self._lock = Lock()

    def add(self, area: str, status: str, seconds: float) -> list[tuple[str, float]]:
        """A whole lot, once there is one; else nothing."""
        with self._lock:
            waiting = self._waiting.setdefault(area, [])
            waiting.append((status, seconds))
            return self._waiting.pop(area) if len(waiting) >= LOT else []


_counting = False
_lots = _Lots()


def share_between_workers(folder: Path) -> None:
    """Counts go to files here from now on, which begin empty; before anything is counted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[FOLDER_VARIABLE] = str(folder)


def begin_counting() -> None:
    """Counts in this process and in those it makes."""
    global _counting
    _counting = True
    _counters()


def forget_worker(pid: int) -> None:
    """A worker has ended: its counts stay, what it alone knew of the moment goes."""
    if os.environ.get(FOLDER_VARIABLE):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def count_request(endpoint: str | None, status: int, seconds: float) -> None:
    """One request that was answered."""
    if not _counting:
        return
    area = area_of(endpoint)
    if not is_quiet(endpoint):
        _tell(area, endpoint or "none", [(str(status), seconds)])
        return
    said = f"{status // 100}xx"
    # Where something broke nothing was stored, and somebody should be told at once.
    told = [(said, seconds)] if status >= _SERVER_FAULT else _lots.add(area, said, seconds)
    _tell(area, ALL, told)


def count_failed_sign_in(way: str) -> None:
    """One sign-in that failed; those that succeed are not counted."""
    if _counting:
        _counters().failed_sign_ins.labels(way).inc()


def count_refusal(reason: str) -> None:
    """One request that was refused."""
    if _counting:
        _counters().refusals.labels(reason).inc()


def write_metrics(extra: "Iterable[Collector]" = ()) -> bytes:
    """Everything in the form that Prometheus reads."""
    from prometheus_client import generate_latest

    registry = _registry()
    for collector in extra:
        registry.register(collector)
    return generate_latest(registry)


def _registry() -> "CollectorRegistry":
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    if os.environ.get(FOLDER_VARIABLE):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry
    found = _counters()
    for metric in (found.requests, found.seconds, found.failed_sign_ins, found.refusals):
        registry.register(metric)
    return registry


def _tell(area: str, endpoint: str, answered: list[tuple[str, float]]) -> None:
    counters = _counters()
    for status, seconds in answered:
        counters.requests.labels(area, endpoint, status).inc()
        counters.seconds.labels(area, endpoint).observe(seconds)


@cache
def _counters() -> _Counters:
    from prometheus_client import Counter, Histogram

    page = ("area", "endpoint")
    return _Counters(
        Counter(
            "wellbeing_requests",
            "Requests answered, by area, page and status.",
            (*page, "status"),
            registry=None,
        ),
        Histogram(
            "wellbeing_request_seconds",
            "How long answering took.",
            page,
            buckets=_BUCKETS,
            registry=None,
        ),
        Counter(
            "wellbeing_failed_sign_ins",
            "Sign-ins that failed, by what was shown.",
            ("way",),
            registry=None,
        ),
        Counter("wellbeing_refusals", "Requests refused, by reason.", ("reason",), registry=None),
    )

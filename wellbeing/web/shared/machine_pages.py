"""For machines: is the process alive, can it serve, and what has it counted?"""

import hmac
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, cast

from flask import current_app, request
from werkzeug.wrappers import Response

from wellbeing.actions.health.findings import Patient
from wellbeing.actions.health.measures import Measure, measure
from wellbeing.actions.health.readiness import Readiness, is_fit
from wellbeing.monitoring.metrics import write_metrics
from wellbeing.store.reach import Reach
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.services import services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import GaugeMetricFamily

SHORTEST_TOKEN = 32
# Reading the audit log takes a moment, and several may ask.
_KEPT_SECONDS = 15.0
_READINESS, _KEPT = "wellbeing_readiness", "wellbeing_measures"


@blueprint.get("/healthz")
def health() -> Response:
    """Says that the process answers; touches nothing else."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """Says whether it can serve now, and nothing about why not."""
    if _readiness().is_ready():
        return Response("ready\n", mimetype="text/plain")
    return Response("not ready\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """For whoever shows the token; where none is set, nobody can."""
    if not _shows_token():
        asks = {"WWW-Authenticate": 'Bearer realm="metrics"'}
        return Response("a token is needed\n", HTTPStatus.UNAUTHORIZED, asks, "text/plain")
    # Only the administrator's area may read what the gauges are made of.
    extra = (_Gauges(),) if "admin" in current_app.blueprints else ()
    return Response(write_metrics(extra), mimetype="text/plain; version=0.0.4")


class _Gauges:
    """The state of the service as Prometheus asks for it."""

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        """Each gauge with its values."""
        from prometheus_client.core import GaugeMetricFamily

        for each in _measures().find():
            gauge = GaugeMetricFamily(
                each.name, each.help, labels=[each.label] if each.label else []
            )
            for value, number in each.values.items():
                gauge.add_metric([value] if each.label else [], number)
            yield gauge


class _KeptMeasures:
    def __init__(self) -> None:
        self._lock = Lock()
        self._at = float("-inf")
        self._found: list[Measure] = []

    def find(self) -> list[Measure]:
        """What was measured within the last seconds, or now."""
        with self._lock:
            if monotonic() - self._at >= _KEPT_SECONDS:
                known = services()
                patient = Patient(known.settings, known.database, known.now(), Reach.ADMIN)
                self._found = list(measure(patient))
                self._at = monotonic()
            return self._found


def _readiness() -> Readiness:
    known = services()
    made = current_app.extensions.setdefault(
        _READINESS, Readiness(lambda: is_fit(known.database, known.settings))
    )
    return cast(Readiness, made)


def _measures() -> _KeptMeasures:
    return cast(_KeptMeasures, current_app.extensions.setdefault(_KEPT, _KeptMeasures()))


def _shows_token() -> bool:
    file = services().settings.metrics_token_file
    if file is None:
        return False
    wanted = file.read_text(encoding="utf-8").strip()
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    fits = hmac.compare_digest(shown.strip().encode(), wanted.encode())
    return scheme.lower() == "bearer" and len(wanted) >= SHORTEST_TOKEN and fits

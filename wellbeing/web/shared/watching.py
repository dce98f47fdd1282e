"""Stands around every request: counts it, says what broke, and writes down who was refused.

A line for each request is written for the pages of offices only, without a person and without the
ids in its address; of the employee's pages and the door there are counts in the large.
"""

import logging
from time import perf_counter
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, request

from wellbeing.monitoring.logs import say_event
from wellbeing.monitoring.metrics import count_request
from wellbeing.monitoring.quiet import area_of, is_quiet
from wellbeing.web.shared.security_events import note_refusal

# Asked every few seconds by machines.
_MACHINES = frozenset({"shared.health", "shared.ready", "shared.metrics"})
log = logging.getLogger("wellbeing.requests")


def install_watching(app: Flask) -> None:
    """Before everything else that stands around a request, and so the last to see its answer."""
    app.before_request(_begin)
    app.after_request(_end)
    app.log_exception = _say_what_broke  # type: ignore[method-assign]


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = uuid4().hex


def _end(response: Response) -> Response:
    endpoint, status = request.endpoint, response.status_code
    if "began" not in g:
        return response
    note_refusal(response)
    if endpoint in _MACHINES:
        return response
    seconds = perf_counter() - g.began
    count_request(endpoint, status, seconds)
    if not is_quiet(endpoint) and endpoint is not None:
        say_event(
            log,
            logging.INFO,
            "A request was answered.",
            area=area_of(endpoint),
            endpoint=endpoint,
            method=request.method,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            request=g.request_id,
        )
    return response


def _say_what_broke(exc_info: Any) -> None:
    """In place of Flask's own line, which repeats the address."""
    say_event(
        log,
        logging.ERROR,
        "A request failed.",
        endpoint=request.endpoint or "none",
        method=request.method,
        request=g.get("request_id"),
        exc_info=exc_info[1],
    )

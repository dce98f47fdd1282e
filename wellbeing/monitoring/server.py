"""Watches a gunicorn with its workers: the log of all in one form, and counts over all of them."""

import re
from typing import Any

from wellbeing.monitoring.logs import gunicorn_logger, write_json_logs
from wellbeing.monitoring.metrics import begin_counting, forget_worker, share_between_workers
from wellbeing.settings import Settings


def watch_server(settings: Settings, bind: str) -> dict[str, Any]:
    """Before the application is made; returns what gunicorn has to be told.

    Counts are in the data folder, for each address that is listened at: two servers on one machine
    do not take each other's.
    """
    write_json_logs()
    options: dict[str, Any] = {"logger_class": gunicorn_logger()}
    if settings.metrics_token_file:
        share_between_workers(settings.data / "metrics" / re.sub(r"\W", "_", bind))
        begin_counting()
        options["child_exit"] = _worker_has_ended
    return options


def _worker_has_ended(_server: Any, worker: Any) -> None:
    forget_worker(worker.pid)

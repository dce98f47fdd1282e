"""How a process writes its log: a line of JSON an event, on standard error, redacted in one place.

Everybody logs through the standard library; structlog formats what comes out. It is imported where
a process begins to write, so that a command that says three words does not wait for it.
"""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

from wellbeing.monitoring.redaction import redact

OURS = ("wellbeing", "jobs")
_NAME = "wellbeing json"


def write_json_logs(stream: TextIO | None = None) -> None:
    """From now on this process logs as JSON; again replaces what was said before."""
    handler = logging.StreamHandler(stream) if stream else _StandardError()
    handler.setFormatter(json_formatter())
    handler.set_name(_NAME)
    root = logging.getLogger()
    for known in [each for each in root.handlers if each.get_name() == _NAME]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class _StandardError(logging.StreamHandler[TextIO]):
    """Standard error as it is when something is said, wherever it was led to meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line."""
        self.stream = sys.stderr
        super().emit(record)


def json_formatter() -> logging.Formatter:
    """Writes what the redaction leaves of a record; the moment is that of the record, in UTC."""
    from structlog.processors import JSONRenderer
    from structlog.stdlib import ProcessorFormatter

    return ProcessorFormatter(
        processors=[_with_moment, JSONRenderer(ensure_ascii=False)],
        pass_foreign_args=True,
        use_get_message=False,
    )


def say_event(logger: logging.Logger, level: int, text: str, **fields: object) -> None:
    """Logs a constant text with named fields; `exc_info` is an exception, as elsewhere."""
    fault = fields.pop("exc_info", None)
    assert fault is None or isinstance(fault, BaseException)
    logger.log(level, text, exc_info=fault, extra={"fields": fields})


def _with_moment(logger: Any, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(event["_record"].created, UTC)
    return {"at": moment.isoformat(timespec="milliseconds"), **redact(logger, method, event)}


def gunicorn_logger() -> type:
    """Gunicorn's own lines in the same form: some have the address of a request in them."""
    from gunicorn.glogging import Logger

    class JsonLogger(Logger):  # type: ignore[misc]
        def setup(self, cfg: Any) -> None:
            """As gunicorn does it, then with our form."""
            super().setup(cfg)
            for handler in self.error_log.handlers:
                handler.setFormatter(json_formatter())

    return JsonLogger

"""What may stand in a line of a log: an allow-list of keys, each with the shape it must have.

Of a text only what a programmer wrote is kept: values that were put into it become "…", but for
single words of ours, such as the name of a job or of a fault. An exception is its kind and where
it came from, never what it says: a database repeats in its faults what was to be stored.
"""

import logging
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from types import TracebackType
from typing import Any

_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]{0,60}")
_LOGGER = re.compile(r"[A-Za-z_][\w.]{0,80}")
_FRAME = re.compile(r"[\w./<>-]{1,160}:\d{1,6} in [\w<>]{1,80}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3})?)?\+00:00")
_HEX = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")
_PLACE = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[srdifgxXrac]|%%")
# Left in a text that a programmer has put together without places.
_VALUES = re.compile(
    r"\S+@\S+"  # an address of mail
    r"|https?://\S+|/\S*[\d?=]\S*"  # an address of a page with something in it
    r"|'[^']*'|\"[^\"]*\"|»[^«]*«"
    r"|\b(?=\w*\d)[\w-]{12,}\b"  # ids, tokens, codes
    r"|\b\d[\d -]{2,}\d\b"  # numbers of people and telephones
)
_LONGEST_TEXT = 300
_OURS = ("wellbeing", "jobs")
# Its numbers are those of processes and signals.
_SAYS_NUMBERS = "gunicorn."
GONE = "…"
_FRAMES = 30


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _all_match(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    fits = _matches(pattern)
    return lambda value: isinstance(value, list) and all(map(fits, value))


_is_word = _matches(_WORD)
ALLOWED: Mapping[str, Callable[[object], bool]] = {
    "account": _matches(_HEX),
    "area": _is_word,
    "at": _matches(_MOMENT),
    "causes": _all_match(_WORD),
    "endpoint": _is_word,
    "event": lambda value: isinstance(value, str),
    "exception": _is_word,
    "frames": _all_match(_FRAME),
    "job": _is_word,
    "level": _is_word,
    "logger": _matches(_LOGGER),
    "method": _is_word,
    "milliseconds": _is_number,
    "outcome": _is_word,
    "reason": _is_word,
    "request": _matches(_HEX),
    "second_factor": lambda value: isinstance(value, bool),
    "status": _is_number,
    "way": _is_word,
}


def keep_allowed(fields: Mapping[str, object]) -> dict[str, object]:
    """Those of the fields that may be written down; of the others that they were there."""
    kept = {key: value for key, value in fields.items() if key in ALLOWED and ALLOWED[key](value)}
    left_out = sorted(key for key in fields if key not in kept)
    return {**kept, **({"left_out": len(left_out)} if left_out else {})}


def redact(_logger: object, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The one processor that every line goes through, whoever wrote it."""
    record: logging.LogRecord = event["_record"]
    args = event.get("positional_args") or ()
    fields: dict[str, object] = {
        "event": say(record.name, str(event["event"]), args),
        "level": record.levelname.lower(),
        "logger": record.name,
        **getattr(record, "fields", {}),
    }
    fault = (event.get("exc_info") or (None, None))[1]
    if fault is not None:
        fields |= describe(fault)
    return keep_allowed(fields)


def say(logger: str, text: str, args: object) -> str:
    """A text with the values in it left out."""
    values = list(args) if isinstance(args, tuple) else []

    def fill(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%"
        return _value_of(logger, values.pop(0)) if values else GONE

    said = _VALUES.sub(GONE, text)
    said = _PLACE.sub(fill, said) if args else said
    return " ".join(said.split())[:_LONGEST_TEXT]


def describe(fault: BaseException) -> dict[str, object]:
    """An exception as its kind, those behind it, and the lines it came through, innermost last."""
    causes = [_kind(each) for each in _behind(fault)]
    said: dict[str, object] = {
        "exception": _kind(fault),
        "frames": list(_frames(fault.__traceback__)),
    }
    return {**said, "causes": causes} if causes else said


def _value_of(logger: str, value: object) -> str:
    if isinstance(value, BaseException):
        return _kind(value)
    is_ours = logger.partition(".")[0] in _OURS
    if is_ours and isinstance(value, str) and _WORD.fullmatch(value):
        return value
    if logger.startswith(_SAYS_NUMBERS) and isinstance(value, int):
        return str(value)
    return GONE


def _kind(fault: BaseException) -> str:
    kind = type(fault)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    return re.sub(r"[^A-Za-z_.-]", "_", name)[:60]


def _behind(fault: BaseException) -> Iterator[BaseException]:
    seen, next_one = {id(fault)}, fault.__cause__ or fault.__context__
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        yield next_one
        next_one = next_one.__cause__ or next_one.__context__


def _frames(trace: TracebackType | None) -> Iterator[str]:
    # Neither the values of variables nor the text of the line: where it is says enough.
    for frame in traceback.extract_tb(trace)[-_FRAMES:]:
        path = "/".join(PurePath(frame.filename).parts[-3:])
        yield f"{path.lstrip('/')}:{frame.lineno or 0} in {frame.name}"

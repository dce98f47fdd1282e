"""Values that must be seen nowhere, in every form they could be written in, and how to find them.

A search that finds nothing proves nothing unless it can find: tests plant each form on purpose.
"""

import json
import re
import struct
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from random import Random
from urllib.parse import quote, quote_plus, unquote

from wellbeing.domain.instrument import Scale, load_instrument

_JOINERS = (",", ", ", ";", "; ", "/", " / ", " ", "|", "\t", "-")
_SHORTEST_PACKED = 6
_TAG = re.compile(r"<[^>]*>")
_GAPS = re.compile(r"[\s\-]+")
# How gzip and the usual levels of zlib begin.
_MOST_PACKED = 1024 * 1024
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_WHOLE_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,])\d{1,4}(?!\d|[.,]\d)")


@dataclass(frozen=True, slots=True)
class Canary:
    """Something to look for under a name, in each of its forms."""

    name: str
    forms: frozenset[bytes]


def of_text(name: str, text: str) -> Canary:
    """A text as it is, and as a program might wrap it up: encoded, escaped, in base64."""
    written = {text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")}
    escaped = {json.dumps(text)[1:-1].encode(), quote(text).encode(), quote_plus(text).encode()}
    wrapped = {form for raw in written for form in _wrapped(raw)}
    return Canary(name, frozenset(written | escaped | wrapped))


def of_bytes(name: str, raw: bytes) -> Canary:
    """Bytes: raw, in hex, in base64 wherever they begin, and as numbers in a list."""
    numbers = list(raw)
    lists = {joiner.join(map(str, numbers)).encode() for joiner in (",", ", ", " ")}
    return Canary(name, frozenset({raw, *_wrapped(raw), *lists}))


def of_numbers(name: str, numbers: tuple[int, ...], *, keys: tuple[str, ...] = ()) -> Canary:
    """A row of numbers: as text, as JSON under `keys`, and packed in the usual ways."""
    texts = {joiner.join(map(str, numbers)) for joiner in _JOINERS}
    if all(number < 10 for number in numbers):
        texts.add("".join(map(str, numbers)))
    if keys:
        texts.update(_as_json(dict(zip(keys, numbers, strict=True))))
    packed = [struct.pack(f"{kind}{len(numbers)}{code}", *numbers) for kind, code in _PACKINGS]
    forms = {text.encode() for text in texts}
    for raw in packed:
        if len(raw) >= _SHORTEST_PACKED:
            forms.update((raw, *_wrapped(raw)))
    return Canary(name, frozenset(forms))


def find(haystack: bytes, canaries: Iterable[Canary]) -> list[str]:
    """The names of the canaries that are in there."""
    return [c.name for c in canaries if any(form in haystack for form in c.forms)]


def find_unpacked(haystack: bytes, canaries: Iterable[Canary]) -> list[str]:
    """As `find`, also in whatever in there was compressed with gzip or zlib."""
    wanted = list(canaries)
    views = [haystack, *_unpacked(haystack)]
    return sorted({name for view in views for name in find(view, wanted)})


def _unpacked(haystack: bytes) -> Iterator[bytes]:
    whole = memoryview(haystack)
    for found in _PACKED.finditer(haystack):
        opener = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            content = opener.decompress(whole[found.start() : found.start() + _MOST_PACKED])
        except zlib.error:
            continue
        if content:
            yield content


def find_in_page(page: str, canaries: Iterable[Canary]) -> list[str]:
    """As `find`, in a page or mail as it was sent, as it is read, and without its gaps."""
    plain = unescape(unquote(page))
    read = _TAG.sub(" ", plain)
    views = [page, plain, read, _GAPS.sub("", plain), _GAPS.sub(" ", read)]
    whole = "\n".join(views).encode()
    return find(whole + b"\n" + whole.lower(), canaries)


def has_in_a_row(text: str, numbers: tuple[int, ...]) -> bool:
    """Whether a reader meets these numbers one after the other, whatever words are between."""
    found = [int(digits) for digits in _WHOLE_NUMBER.findall(text)]
    wanted = list(numbers)
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found)))


_PACKINGS = (
    *((order, code) for order in "<>" for code in "BHiqfd"),
    ("<", "b"),
)


def _wrapped(raw: bytes) -> Iterator[bytes]:
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for encode in (b64encode, urlsafe_b64encode):
        for shift in range(3):
            yield _inner_base64(encode(b"\0" * shift + raw), shift, len(raw))


def _inner_base64(encoded: bytes, shift: int, length: int) -> bytes:
    # Only the letters that no neighbouring byte has a share in.
    first, last = -(-shift * 8 // 6), (shift + length) * 8 // 6
    return encoded[first:last]


def _as_json(values: dict[str, int]) -> Iterator[str]:
    for case in (str.upper, str.lower):
        for separators in ((",", ":"), (", ", ": ")):
            yield json.dumps({case(k): v for k, v in values.items()}, separators=separators)[1:-1]


def sheet_with_sums(sums: tuple[int, int, int], seed: int = 0) -> tuple[int, ...]:
    """Thirty answers whose scale sums (CS, BO, STS; 10–50) are these, spread at random."""
    instrument, random = load_instrument(), Random(seed)
    answers = [1] * instrument.items
    for scale, total in zip(Scale, sums, strict=True):
        items = instrument.subscales[scale]
        values = dict.fromkeys(items, 1)
        while sum(values.values()) < total:
            item = random.choice(items)
            values[item] += values[item] < instrument.highest_answer
        for item, value in values.items():
            answers[item - 1] = 6 - value if item in instrument.reversed_items else value
    return tuple(answers)

"""The little Markdown that our own documents are written in, as HTML for print.

Headings, paragraphs, lists, tables, bold and code; nothing else, and every other mark is text.
"""

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"(#{1,3}) (.*)")
_ITEM = re.compile(r"(?:- |\d+\. )(.*)")
_RULE = re.compile(r"\|(?:-+\|)+")


def as_html(markdown: str) -> str:
    """The body of a page."""
    lines = [line for line in markdown.splitlines() if line.strip()]
    parts = groupby(lines, key=_kind)
    return "\n".join(_part(kind, list(group)) for kind, group in parts)


def _kind(line: str) -> str:
    if line.startswith("|"):
        return "table"
    if _ITEM.fullmatch(line):
        return "ul" if line.startswith("- ") else "ol"
    return "text"


def _part(kind: str, lines: list[str]) -> str:
    if kind == "table":
        return _table(lines)
    if kind == "text":
        return "\n".join(_text(line) for line in lines)
    words = (_ITEM.sub(r"\1", line) for line in lines)
    items = "".join(f"<li>{_words(said)}</li>" for said in words)
    return f"<{kind}>{items}</{kind}>"


def _text(line: str) -> str:
    heading = _HEADING.fullmatch(line)
    if heading is None:
        return f"<p>{_words(line)}</p>"
    level = len(heading[1])
    return f"<h{level}>{_words(heading[2])}</h{level}>"


def _table(lines: list[str]) -> str:
    rows = [line.strip().strip("|").split("|") for line in lines if not _RULE.fullmatch(line)]
    head, body = rows[0], rows[1:]
    return (
        f"<table><thead>{_row(head, 'th')}</thead>"
        f"<tbody>{''.join(_row(row, 'td') for row in body)}</tbody></table>"
    )


def _row(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_words(cell.strip())}</{tag}>' for cell in cells)}</tr>"


def _words(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<strong>\1</strong>", escape(text)))

"""What `make load` and `make bench` measured, as text and as the tables of docs/performance.md.

`python -m tests.load.report` puts the tables of build/load.json and build/bench.json in there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOAD, BENCH = Path("build") / "load.json", Path("build") / "bench.json"
DOCUMENT = Path("docs") / "performance.md"

Row = Mapping[str, Any]


def make_text(about: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """The rows as lines of equal columns, under what they were measured on."""
    width = max(len(row["name"]) for row in rows)
    lines = [f"{'what':<{width}}{'ours':>16}{'floor':>16}{'ratio':>8}"]
    for row in rows:
        lines.append(
            f"{row['name']:<{width}}{_figure(row, 'value'):>16}{_figure(row, 'floor'):>16}"
            f"{_ratio(row):>8}"
        )
    return f"{_describe(about)}\n\n" + "\n".join(lines) + "\n"


def make_table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = ["| | ours | floor | ratio |", "|---|---:|---:|---:|"]
    for row in rows:
        cells = (row["name"], _figure(row, "value"), _figure(row, "floor"), _ratio(row))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def make_tables(rows: Sequence[Row]) -> str:
    """The same more readably: what has several measures is one line, with the floor in brackets."""
    lines_of: dict[str, dict[str, dict[str, str]]] = {}
    alone: list[Row] = []
    for row in rows:
        what, colon, measure = row["name"].partition(": ")
        if not colon:
            alone.append(row)
            continue
        kind = "submit" if what.startswith("submit") else "visits"
        lines_of.setdefault(kind, {}).setdefault(what, {})[measure] = _beside(row)
    tables = [_make_wide(lines) for lines in lines_of.values()]
    return "\n\n".join([*tables, make_table(alone)])


def _make_wide(lines: Mapping[str, Mapping[str, str]]) -> str:
    measures = list(dict.fromkeys(measure for line in lines.values() for measure in line))
    table = ["| | " + " | ".join(measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for what, line in lines.items():
        cells = [line.get(measure, "–") for measure in measures]
        table.append("| " + " | ".join([what, *cells]) + " |")
    return "\n".join(table)


def _beside(row: Row) -> str:
    ours = _figure(row, "value")
    return ours if row["floor"] is None else f"{ours} ({_figure(row, 'floor')}; {_ratio(row)})"


def put_in(document: str, name: str, content: str) -> str:
    """The document with new content between the marks of this name; ValueError without them."""
    begin, end = f"<!-- {name}: measured -->", f"<!-- {name}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(document):
        raise ValueError(f"{DOCUMENT} has no place for '{name}'.")
    return pattern.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", document)


def main() -> None:
    """Puts in what has been measured; what has not stays as it is."""
    document = DOCUMENT.read_text(encoding="utf-8")
    if LOAD.exists():
        measured = json.loads(LOAD.read_text(encoding="utf-8"))
        content = f"{_describe(measured['about'])}\n\n{make_tables(measured['rows'])}"
        document = put_in(document, "load", content)
    if BENCH.exists():
        rows = json.loads(BENCH.read_text(encoding="utf-8"))
        document = put_in(document, "bench", make_table(rows))
    DOCUMENT.write_text(document, encoding="utf-8")


def _describe(about: Mapping[str, Any]) -> str:
    size = " A quick run, whose figures mean little." if about["quick"] else ""
    return (
        f"{about['processor']}, {about['cores']} cores, Python {about['python']}, "
        f"{about['workers']} workers of {about['threads']} threads, "
        f"{about['minutes']} minutes.{size}"
    )


def _figure(row: Row, key: str) -> str:
    value = row[key]
    if value is None or value < 0:  # what a process used that ended meanwhile was lost
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:,.{digits}f} {row['unit']}"


def _ratio(row: Row) -> str:
    return "–" if row["ratio"] is None or row["ratio"] < 0 else f"{row['ratio']:.2f}"


if __name__ == "__main__":
    main()

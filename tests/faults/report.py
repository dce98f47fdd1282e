"""The findings as a table on the terminal, as build/faults.json and in docs/reliability.md."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.faults.kit import Finding
from wellbeing.clock import utc_now

RESULT = Path("build") / "faults.json"
DOCUMENT = Path("docs") / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"

Row = dict[str, Any]


def make_table(findings: Iterable[Finding]) -> str:
    """Lines of equal columns."""
    found = list(findings)
    width = max((len(finding.name) for finding in found), default=0)
    lines = [f"{'fault':<{width}}  {'database':<12}{'injections':>12}{'violations':>12}{'s':>6}"]
    lines += [
        f"{f.name:<{width}}  {f.database:<12}{f.injections:>12}{len(f.violations):>12}"
        f"{f.seconds:>6.0f}"
        for f in found
    ]
    return "\n".join(lines) + "\n"


def write_json(findings: Iterable[Finding]) -> list[Row]:
    """One row a fault and database; rows of faults that were not run now stay. All rows."""
    rows: dict[str, Row] = {}
    if RESULT.exists():
        rows = {row["name"]: row for row in json.loads(RESULT.read_text(encoding="utf-8"))}
    for f in findings:
        rows[f"{f.name}, {f.database}"] = {
            "name": f"{f.name}, {f.database}",
            "injections": f.injections,
            "violations": len(f.violations),
            "what": f.violations,
            "seconds": round(f.seconds, 1),
            "on": f"{utc_now():%Y-%m-%d}",
            "notes": f.notes,
        }
    RESULT.parent.mkdir(exist_ok=True)
    kept = json.dumps(list(rows.values()), indent=2, ensure_ascii=False)
    RESULT.write_text(f"{kept}\n", encoding="utf-8")
    return list(rows.values())


def write_document(rows: Iterable[Row], seen: dict[str, str]) -> None:
    """Puts the rows between the marks of the document, in the order of `seen`: fault → what a user
    sees of it.
    """
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    section = _section(list(rows), seen)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{section}{END}{after}", encoding="utf-8")


def _section(rows: list[Row], seen: dict[str, str]) -> str:
    total = sum(row["injections"] for row in rows)
    broken = sum(row["violations"] for row in rows)
    lines = [
        f"`make faults`: {total} injections, {broken} violations.",
        "",
        "| Fault | Database | Injections | Violations | On | What a user sees |",
        "|---|---|---|---|---|---|",
    ]
    notes: list[str] = []
    for name, sees in seen.items():
        for row in rows:
            fault, _, database = row["name"].rpartition(", ")
            if fault == name:
                counts = f"{row['injections']} | {row['violations']} | {row['on']}"
                lines.append(f"| {fault} | {database} | {counts} | {sees} |")
                sees = "as above"
                notes += _note(row)
    return "\n".join([*lines, "", "What was counted meanwhile:", "", *notes]) + "\n"


def _note(row: Row) -> list[str]:
    told = "; ".join(f"{name}: {value}" for name, value in row["notes"].items())
    return [f"- {row['name']}: {told}."] if told else []

"""The findings as a table on the terminal, as build/faults.json and in docs/reliability.md."""

import json
from pathlib import Path

from tests.faults.kit import Finding
from wellbeing.clock import utc_now

RESULT = Path("build") / "faults.json"
DOCUMENT = Path("docs") / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def make_table(findings: list[Finding]) -> str:
    """Lines of equal columns."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = [f"{'fault':<{width}}  {'database':<12}{'injections':>12}{'violations':>12}{'s':>6}"]
    lines += [
        f"{f.name:<{width}}  {f.database:<12}{f.injections:>12}{len(f.violations):>12}"
        f"{f.seconds:>6.0f}"
        for f in findings
    ]
    return "\n".join(lines) + "\n"


def write_json(findings: list[Finding]) -> None:
    """One row a fault and database."""
    RESULT.parent.mkdir(exist_ok=True)
    rows = [
        {
            "name": f"{f.name}, {f.database}",
            "injections": f.injections,
            "violations": len(f.violations),
            "what": f.violations,
            "seconds": round(f.seconds, 1),
            "notes": f.notes,
        }
        for f in findings
    ]
    RESULT.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_document(findings: list[Finding], seconds: float) -> None:
    """Puts the table of this run between the marks of the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{_section(findings, seconds)}{END}{after}", "utf-8")


def _section(findings: list[Finding], seconds: float) -> str:
    total = sum(finding.injections for finding in findings)
    broken = sum(len(finding.violations) for finding in findings)
    lines = [
        f"`make faults` on {utc_now():%Y-%m-%d}: {total} injections, {broken} violations, "
        f"{seconds / 60:.0f} minutes.",
        "",
        "| Fault | Database | Injections | Violations | What a user sees |",
        "|---|---|---|---|---|",
    ]
    said = ""
    for f in findings:
        sees, said = ("" if f.sees == said else f.sees), f.sees
        lines.append(f"| {f.name} | {f.database} | {f.injections} | {len(f.violations)} | {sees} |")
    lines += ["", "What was counted meanwhile:", ""]
    for f in findings:
        if f.notes:
            told = "; ".join(f"{name}: {value}" for name, value in f.notes.items())
            lines.append(f"- {f.name}, {f.database}: {told}.")
    return "\n".join(lines) + "\n"

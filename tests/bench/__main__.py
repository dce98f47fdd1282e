"""`make bench`: every measurement once, as a table and in build/bench.json."""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.field_keys import use_test_keys

MODULES = (
    "bench_scoring",
    "bench_disclosure",
    "bench_utility",
    "bench_trends",
    "bench_team_page",
    "bench_submit",
    "bench_publish",
    "bench_processes",
)
RESULT = Path("build") / "bench.json"
_COLUMNS = ("what", "ours", "floor", "ratio")


def main(names: Sequence[str]) -> None:
    """Runs the modules named, or all, with progress on standard error."""
    use_test_keys()
    rows: list[dict[str, Any]] = []
    for name in names or MODULES:
        sys.stderr.write(f"{name} …\n")
        start = perf_counter()
        rows += import_module(f"tests.bench.{name}").run()
        sys.stderr.write(f"{name}: {perf_counter() - start:.0f} s\n")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(make_table(rows))


def make_table(rows: list[dict[str, Any]]) -> str:
    """The rows as lines of equal columns."""
    width = max(len(row["name"]) for row in rows)
    lines = [f"{_COLUMNS[0]:<{width}}" + "".join(f"{head:>14}" for head in _COLUMNS[1:])]
    for row in rows:
        ours, floor = (f"{row[key]:.4g} {row['unit']}" for key in ("value", "floor"))
        lines.append(f"{row['name']:<{width}}{ours:>14}{floor:>14}{row['ratio']:>14.2f}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a process costs before it has done anything: processor time and memory at the start.

The floor of the command line is Python with click; of a web worker, the bare handler's.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.load.house import make_house
from tests.load.servers import bare_server, wellbeing_server

RUNS = 7
_HELP = "import sys; sys.argv = ['wellbeing', '--help']; from wellbeing.cli import main; main()"
_CLICK = "import click; click.echo('help')"

Row = dict[str, Any]


def run() -> list[Row]:
    """The start of `wellbeing --help`, and the memory of a web worker that has just started."""
    taken = [(_cpu_seconds(_HELP), _cpu_seconds(_CLICK)) for _ in range(RUNS)]
    ours, floor = (1000 * median(seconds) for seconds in zip(*taken, strict=True))
    return [_row("wellbeing --help, processor time", ours, floor, "ms"), _measure_worker()]


def _cpu_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _measure_worker() -> Row:
    with tempfile.TemporaryDirectory() as name:
        data, sizes = Path(name), {"workers": 2, "threads": 8}
        house = make_house(f"sqlite:///{data / 'wellbeing.db'}", data, visitors=1, signed_in=0)
        with (
            wellbeing_server(house, **sizes) as ours,
            bare_server(f"sqlite:///{data / 'bare.db'}", data, **sizes) as bare,
        ):
            mine, floor = mean(ours.worker_megabytes()), mean(bare.worker_megabytes())
    return _row("memory of a web worker that has started (PSS)", mine, floor, "MB")


def _row(name: str, value: float, floor: float, unit: str) -> Row:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}

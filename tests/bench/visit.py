"""What one visit costs on PostgreSQL: processor time of our process and of the database's."""

import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from tests.bench.peak import Cost
from tests.cast import ORGANISATION, PASSWORD, make_cast
from tests.databases import PostgreSQLServer, copied_postgresql, postgresql_server
from tests.rounds import STEADY, RoundRunner
from wellbeing.app import create_app
from wellbeing.crypto.secrets import hash_password
from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

PAGES = (
    "sign-in",
    "signed in",
    "home",
    "start",
    "questions 1",
    "questions 2",
    "questions 3",
    "sent",
)
_TOKEN = re.compile(r'name="(csrf_token|form_id)"[^>]* value="([^"]+)"')
_WARM_UP = 20
_TICKS = os.sysconf("SC_CLK_TCK")


def measure_visit(people: int) -> Cost:
    """The mean of so many visits, one after the other, each by somebody else."""
    with postgresql_server() as server, tempfile.TemporaryDirectory() as name:
        if server is None:
            raise SystemExit("PostgreSQL is not installed.")
        with copied_postgresql(server) as url:
            app, round_id, addresses = _make_house(url, Path(name), people + _WARM_UP)
            for address in addresses[:_WARM_UP]:
                _visit(app, round_id, address)
            before = seconds_of(server)
            taken = [_visit(app, round_id, address) for address in addresses[_WARM_UP:]]
            database = (seconds_of(server) - before) / people
            app.extensions["wellbeing"].database.close()
    return Cost(tuple(sum(page) / people for page in zip(*taken, strict=True)), database)


def _visit(app: Flask, round_id: UUID, address: str) -> list[float]:
    """One whole visit; the seconds of each page."""
    client, path, sheet = app.test_client(), f"/check-in/{round_id}", _sheet(30)
    taken: list[float] = []
    page = _ask(client, taken, "/sign-in")
    page = _ask(client, taken, "/sign-in", {**page, "email": address, "password": PASSWORD})
    _ask(client, taken, "/")
    page = _ask(client, taken, path)
    page = {**page, **_ask(client, taken, path, page)}
    for step in (1, 2):
        _ask(client, taken, path, {**page, **_sheet(10 * step), "step": str(step), "go": "next"})
    _ask(client, taken, path, {**page, **sheet, "step": "3", "go": "send"}, "receipt")
    return taken


def _sheet(last: int) -> dict[str, str]:
    return {f"item{n}": str(v) for n, v in enumerate(STEADY[:last], start=1)}


def _ask(
    client: FlaskClient,
    taken: list[float],
    path: str,
    fields: dict[str, str] | None = None,
    word: str = "",
) -> dict[str, str]:
    start = process_time()
    answer = client.open(path, method="GET" if fields is None else "POST", data=fields)
    text = answer.text
    taken.append(process_time() - start)
    if answer.status_code not in (200, 302) or word not in text:
        raise AssertionError(f"{path}: {answer.status_code}")
    return dict(_TOKEN.findall(text))


def _make_house(url: str, folder: Path, people: int) -> tuple[Flask, UUID, list[str]]:
    from tests.bench.size import add_people

    database = Database(url)
    with database.writing(Reach.EVERYTHING) as session:
        unit = make_cast(session).units["team_a"]
        addresses = add_people(session, [unit], people, password=hash_password(PASSWORD))
    round_id = RoundRunner(database, folder, datetime.now(UTC)).open()
    database.close()
    settings = Settings(
        data=folder, database_url=url, base_url="http://localhost", organisation=ORGANISATION
    )
    return create_app(settings), round_id, addresses


def seconds_of(server: PostgreSQLServer) -> float:
    """Processor seconds of the server and of all it started, also what has ended since."""
    main = int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == main:
            ticks += sum(int(each) for each in said[11:15])  # its own, and of children that ended
        elif int(said[1]) == main:
            ticks += sum(int(each) for each in said[11:13])
    return ticks / _TICKS

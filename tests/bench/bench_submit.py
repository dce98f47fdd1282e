"""How long one sent check-in takes beside a bare handler that inserts a row and renders the page.

Ours: the last step of somebody signed in, through every guard, sealed and stored on SQLite as in
production. Floor: `tests.load.bare`. Both in this process, taken in turn; `make load` measures the
same against real servers.
"""

import tempfile
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from statistics import median
from time import process_time
from typing import Any
from uuid import uuid4

from flask import Flask

from tests.load.bare import make_bare
from tests.load.house import SHEET, House, SignedIn, make_house
from tests.rounds import STEADY
from wellbeing.actions.checkin import Answers
from wellbeing.app import create_app
from wellbeing.crypto.ballots import OpenedBallot, seal_ballot
from wellbeing.domain.instrument import load_wording
from wellbeing.settings import Settings
from wellbeing.store.org import Round
from wellbeing.store.reach import Reach

PEOPLE, WARM_UP, COUNTED = 300, 30, 40

Row = dict[str, Any]
Act = Callable[[], None]


def run() -> list[Row]:
    """Processor time of single submits beside the floor's, and where our time goes."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        url = f"sqlite:///{data / 'wellbeing.db'}"
        house = make_house(url, data, visitors=0, signed_in=WARM_UP + PEOPLE + COUNTED)
        app = create_app(Settings(data=data, base_url="http://localhost"))
        bare = make_bare(f"sqlite:///{data / 'bare.db'}")
        ours, floor = [_submit(app, house, one) for one in house.signed_in], _bare_submit(bare)
        taken = [(_seconds(act), _seconds(floor)) for act in ours[:-COUNTED]][WARM_UP:]
        whole, least = (median(seconds) for seconds in zip(*taken, strict=True))
        calls, fewest = _count_calls(ours[-COUNTED:]), _count_calls([floor] * COUNTED)
        parts = {
            "rendering the result page": _rendering(bare),
            "sealing a ballot": _sealing(app, house),
            "scoring a sheet": _scoring,
        }
        rows = [
            _row("one check-in sent (floor: a bare handler)", 1000 * whole, 1000 * least, "ms"),
            _row("  calls of functions for it, the same on every machine", calls, fewest, ""),
        ]
        for part, act in parts.items():
            seconds = median(_seconds(act) for _ in range(PEOPLE))
            rows.append(_row(f"  of it {part}", 1000 * seconds, 1000 * whole, "ms"))
        app.extensions["wellbeing"].database.close()
    return rows


def _submit(app: Flask, house: House, one: SignedIn) -> Act:
    """Somebody on the last page with everything answered: all that is left is to press Send."""
    client = app.test_client()
    for cookie, value in one.cookies.items():
        client.set_cookie(cookie, value)

    def send() -> None:
        answer = client.post(house.path, data=one.form)
        if answer.status_code != 200 or "receipt" not in answer.text:
            raise AssertionError(f"not sent: {answer.status_code}")

    return send


def _bare_submit(bare: Flask) -> Act:
    client = bare.test_client()

    def send() -> None:
        answer = client.post("/send", data=SHEET)
        if answer.status_code != 200 or "receipt" not in answer.text:
            raise AssertionError(f"the floor does not render the page: {answer.status_code}")

    return send


def _rendering(bare: Flask) -> Act:
    """The floor's page without its row."""
    render = bare.view_functions["page"]

    def act() -> None:
        with bare.test_request_context("/page"):
            render()

    return act


def _sealing(app: Flask, house: House) -> Act:
    with app.extensions["wellbeing"].database.reading(Reach.EVERYTHING) as session:
        key = session.get_one(Round, house.round_id).public_key
    ballot = OpenedBallot((30, 30, 30), uuid4(), load_wording("da").sha256)
    assert key

    def seal() -> None:
        seal_ballot(ballot, ballot_id=uuid4(), public_key_hex=key)

    return seal


def _scoring() -> None:
    _ = Answers(STEADY, ("da",)).scores


def _seconds(act: Act) -> float:
    start = process_time()
    act()
    return process_time() - start


def _count_calls(acts: list[Act]) -> float:
    """How many functions are called for one of these, on average."""
    profile = Profile()
    for act in acts:
        profile.runcall(act)
    return Stats(profile).total_calls / len(acts)  # type: ignore[attr-defined, no-any-return]


def _row(name: str, value: float, floor: float, unit: str) -> Row:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}

"""How long one sent check-in takes beside a bare handler that inserts a row and renders the page.

Ours: a POST of the last page by somebody signed in, through every guard, sealed and stored on
SQLite as in production. Floor: Flask alone, one insert into a database with the same pragmas, and
the very same page with the same words. Both write to disk at every commit.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, render_template, template_rendered
from flask_wtf.csrf import CSRFProtect

from tests.cast import FIRST_DAY, ORGANISATION, make_cast
from tests.rounds import STEADY, RoundRunner
from wellbeing.actions.checkin import Answers
from wellbeing.app import create_app
from wellbeing.crypto.ballots import OpenedBallot, seal_ballot
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.instrument import load_wording
from wellbeing.resources import folder as resource
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus, SignInSession
from wellbeing.store.org import Membership, Round
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database
from wellbeing.web.shared.i18n import init_i18n

PEOPLE = 200
WARM_UP = 20
_TOKEN = re.compile(r'name="(csrf_token|form_id)"[^>]* value="([^"]+)"')
_SHEET = {f"item{n}": str(value) for n, value in enumerate(STEADY, start=1)}

Row = dict[str, Any]
Send = Callable[[], None]


def run() -> list[Row]:
    """The median of single submits, the floor, and where our time goes as shares of the whole."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        app, round_id, secrets = _make_house(data)
        page: dict[str, Any] = {}

        def keep(_: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
            if template.name == "employee/result.html":
                page.update(context)

        template_rendered.connect(keep, app)
        ours = [_prepare(app, round_id, secret) for secret in secrets]
        ours[0]()
        template_rendered.disconnect(keep, app)
        bare = _make_bare(app, data / "bare.db", page)
        whole, floor = _median_seconds(zip(ours[1:], _floor(bare, len(ours) - 1), strict=True))
        render = _median_of(lambda: _render(bare, page))
        seal, score = _median_of(_sealing(app, round_id)), _median_of(_scoring)
        app.extensions["wellbeing"].database.close()
    return [
        _row("one check-in sent", whole, floor),
        _row("of it: rendering the result page", render, whole),
        _row("of it: sealing a ballot", seal, whole),
        _row("of it: scoring a sheet", score, whole),
    ]


def _make_house(data: Path) -> tuple[Flask, UUID, list[str]]:
    database, now = Database(f"sqlite:///{data / 'wellbeing.db'}"), datetime.now(UTC)
    upgrade(database)
    people = {uuid4(): make_token() for _ in range(PEOPLE + WARM_UP + 1)}
    with database.writing(Reach.EVERYTHING) as session:
        unit = make_cast(session).units["team_a"]
        for at, person_id in enumerate(people):
            values = {"employee_number": f"b{at}", "name": f"Person {at}", "language": "da"}
            session.add(Person(id=person_id, status=PersonStatus.ACTIVE, **values))
        session.flush()
        for person_id, secret in people.items():
            session.add(Membership(person_id=person_id, unit_id=unit, from_day=FIRST_DAY))
            session.add(
                SignInSession(
                    secret_hash=hash_token(secret),
                    person_id=person_id,
                    started_at=now,
                    expires_at=now + timedelta(hours=8),
                )
            )
    round_id = RoundRunner(database, data, now).open()
    database.close()
    settings = Settings(data=data, base_url="http://localhost", organisation=ORGANISATION)
    return create_app(settings), round_id, list(people.values())


def _prepare(app: Flask, round_id: UUID, secret: str) -> Send:
    """Somebody on the last page with everything answered: all that is left is to press Send."""
    client, path = app.test_client(), f"/check-in/{round_id}"
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    fields = {**dict(_TOKEN.findall(client.get(path).text)), **_SHEET, "step": "3", "go": "send"}

    def send() -> None:
        answer = client.post(path, data=fields)
        if answer.status_code != 200 or "receipt" not in answer.text:
            raise AssertionError(f"not sent: {answer.status_code}")

    return send


def _make_bare(app: Flask, path: Path, page: dict[str, Any]) -> Flask:
    """Flask with one handler: it inserts a row of a ballot's size and renders the same page."""
    bare = Flask("bare", template_folder=str(resource("templates")), static_folder=None)
    bare.secret_key = os.urandom(32)
    bare.jinja_env.trim_blocks = bare.jinja_env.lstrip_blocks = True
    init_i18n(bare, "da", lambda: "da")
    bare.config["WTF_CSRF_CHECK_DEFAULT"] = False
    CSRFProtect(bare)
    for rule in app.url_map.iter_rules():
        bare.add_url_rule(rule.rule, rule.endpoint, lambda **_: "")
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE ballot (id BLOB PRIMARY KEY, sealed BLOB) WITHOUT ROWID")
    shown = {k: v for k, v in page.items() if k not in {"request", "session", "g"}}

    def send() -> str:
        database.execute("INSERT INTO ballot VALUES (?, ?)", (os.urandom(16), os.urandom(180)))
        return render_template("employee/result.html", **shown)

    bare.add_url_rule("/send", "send", send, methods=["POST"])
    return bare


def _floor(bare: Flask, count: int) -> Iterator[Send]:
    client = bare.test_client()

    def send() -> None:
        answer = client.post("/send", data=_SHEET)
        if answer.status_code != 200 or "receipt" not in answer.text:
            raise AssertionError(f"the floor does not render the page: {answer.status_code}")

    for _ in range(count):
        yield send


def _render(bare: Flask, page: dict[str, Any]) -> None:
    with bare.test_request_context("/send", method="POST"):
        render_template(
            "employee/result.html",
            **{k: v for k, v in page.items() if k not in {"request", "session", "g"}},
        )


def _sealing(app: Flask, round_id: UUID) -> Send:
    with app.extensions["wellbeing"].database.reading(Reach.EVERYTHING) as session:
        key = session.get_one(Round, round_id).public_key
    ballot = OpenedBallot((30, 30, 30), uuid4(), load_wording("da").sha256)
    assert key

    def seal() -> None:
        seal_ballot(ballot, ballot_id=uuid4(), public_key_hex=key)

    return seal


def _scoring() -> None:
    _ = Answers(STEADY, "da").scores


def _median_seconds(pairs: Iterator[tuple[Send, Send]]) -> tuple[float, float]:
    """Medians of the two, taken in turn so that both meet the same machine."""
    taken = [(_seconds(first), _seconds(second)) for first, second in pairs][WARM_UP:]
    return median(ours for ours, _ in taken), median(floor for _, floor in taken)


def _median_of(act: Send) -> float:
    return median(_seconds(act) for _ in range(PEOPLE))


def _seconds(act: Send) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def _row(name: str, seconds: float, floor: float) -> Row:
    return {
        "name": name,
        "value": 1000 * seconds,
        "unit": "ms",
        "floor": 1000 * floor,
        "ratio": seconds / floor,
    }

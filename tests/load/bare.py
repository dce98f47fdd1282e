"""The floor: Flask and SQLAlchemy alone. One handler inserts a row and renders the same page.

No sign-in, no guard, no token that is checked, nothing sealed: only what any such service has to
do. Run as `python -m tests.load.bare URL PORT WORKERS THREADS`.
"""

import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine, LargeBinary, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from wellbeing.actions.checkin import Sent
from wellbeing.actions.open_checkin import OpenCheckin
from wellbeing.commands.serve import server_options
from wellbeing.domain.advice import choose_advice, load_advice
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.domain.instrument import load_instrument, load_wording
from wellbeing.gunicorn import GunicornServer
from wellbeing.resources import folder
from wellbeing.web.employee.result import describe, occasions_of, reference_of
from wellbeing.web.shared.i18n import init_i18n
from wellbeing.web.shared.navigation import NavItem
from wellbeing.web.shared.policy import POLICY

SCORES = (40, 20, 20)
_MENU = ("Forside", "Min dagbog", "Samtaler og forløb", "Det min leder ser", "Min side")


class _Base(DeclarativeBase):
    pass


class BareAnswer(_Base):
    """A row of about a ballot's size."""

    __tablename__ = "bare_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    answers: Mapped[bytes] = mapped_column(LargeBinary)


def make_bare(url: str, *, secret_key: bytes = b"bare") -> Flask:
    """The application; its table is made when it is."""
    app = Flask("bare", template_folder=str(folder("templates")), static_folder=None)
    app.secret_key = secret_key
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    CSRFProtect(app)
    init_i18n(app, "da", lambda: "da")
    for endpoint in POLICY:
        app.add_url_rule(f"/{endpoint.replace('.', '/')}", endpoint, lambda **_: "")
    engine, page = _make_engine(url), _make_page()
    _Base.metadata.create_all(engine)
    engine.dispose()

    def send() -> str:
        answers = "".join(request.form[f"item{number}"] for number in range(1, 31))
        with Session(engine) as session:
            session.add(BareAnswer(id=uuid4(), answers=answers.encode() * 6))
            session.commit()
        return render()

    def render() -> str:
        return render_template("employee/result.html", **page)

    app.add_url_rule("/page", "page", render)
    app.add_url_rule("/send", "send", send, methods=["POST"])
    return app


def _make_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=10)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


def _make_page() -> dict[str, Any]:
    """Everything that the page of a result is given, made once."""
    instrument, results = load_instrument(), describe(load_instrument(), SCORES)
    checkin = OpenCheckin(uuid4(), datetime.now(UTC) + timedelta(days=14), False, True)
    wording = load_wording("da")
    return {
        "sent": Sent(SCORES, uuid4().hex + uuid4().hex, checkin, wording),
        "checkin": checkin,
        "corrected": False,
        "wording": wording,
        "results": results,
        "advice": choose_advice(load_advice(), occasions_of(results)),
        "reference": reference_of(instrument),
        "instrument": instrument,
        "contacts": load_contacts(),
        "over": f"{uuid4()}.{uuid4().hex}",
        "now": 1_800_000_000,
        "locale": "da",
        "locales": {"da": "Dansk", "en": "English"},
        "nav_items": [NavItem(label, "/", "") for label in _MENU],
        "person": SimpleNamespace(name="Person 1"),
        "by_code": False,
        "kiosk": "",
        "demo_mode": False,
        "organisation": "Load",
        "safe_exit_url": "https://www.dmi.dk/",
        "zone": ZoneInfo("Europe/Copenhagen"),
    }


def main(url: str, port: str, workers: str, threads: str) -> None:
    """Serves it as `wellbeing serve` would."""
    options = server_options(f"127.0.0.1:{port}", int(workers), int(threads))
    GunicornServer(lambda: make_bare(url), options).run()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A whole house for proofs: the app, its people, its mail and its time; and a crawler of it."""

import logging
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit
from uuid import UUID

import html5lib
from flask import Flask
from sqlalchemy import select

from jobs.context import JobContext
from jobs.timetable import JOBS
from tests.cast import ORGANISATION, Cast, make_cast
from tests.rounds import RoundRunner
from tests.web.browser import Browser, Shown
from tests.web.conftest import Clock
from wellbeing.app import create_app
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, SignInSession
from wellbeing.store.incidents import Incident
from wellbeing.store.org import ImportedWording, Programme, Round
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import Place, SessionSeries, Supervisor
from wellbeing.store.support import Offer, SupportSession

MOST_PAGES, MOST_ANSWERS = 700, 3
# Signing out, leaving, changing language or becoming a shared screen would end the crawl;
# disabling people would empty the house.
NOT_POSTED = re.compile(r"/(sign-out|leave|language|kiosk|people/[^/]+/disable)$")
_OTHER_ARGUMENTS: dict[str, list[Any]] = {
    "filename": ["wellbeing.css"],
    "secret": ["x"],
    "token": ["x"],
    "typed": ["x"],
    "purpose": ["sign-in"],
    "sign_in_id": [UUID(int=1)],
    "passkey_id": [UUID(int=1)],
    "webhook_id": [UUID(int=2)],
    "path": ["Users"],
}
_CHANGING = re.compile(r'(name="(?:csrf_token|form_id)"[^>]* value=")[^"]*')
_KEPT = r"\1"
_OWN_HEADERS = {"Set-Cookie"}


class House:
    """The cast's organisation with a running app, jobs, and a settable time."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        now: datetime,
        smtp_port: int = 25,
        base_url: str = "http://localhost",
    ) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            self.cast: Cast = make_cast(session)
        self.database = database
        self.clock = Clock(now)
        self.rounds = RoundRunner(database, folder, now)
        self.settings = Settings(
            data=folder,
            database_url=database.url.render_as_string(hide_password=False),
            base_url=base_url,
            organisation=ORGANISATION,
            smtp_port=smtp_port,
        )
        self.app: Flask = create_app(self.settings, now=self.clock.now)

    def forward(self, **by: float) -> None:
        """Moves the time of app, jobs and rounds on."""
        self.clock.forward(**by)
        self.rounds.now = self.clock.now()

    def run(self, *jobs: str) -> None:
        """Runs jobs of the timetable, one after the other, now."""
        for name in jobs:
            JOBS[name].run(JobContext(self.database, self.settings, self.clock.now))

    def visitor(self, name: str | None, language: str = "da") -> Browser:
        """A browser that the named person has signed in with; None is a stranger's."""
        browser = Browser(self.app)
        if name is None:
            browser.client.set_cookie("locale", language)
            return browser
        with self.database.writing(Reach.EVERYTHING) as session:
            session.get_one(Person, self.cast.people[name]).language = language
        browser.sign_in_with(self.begin_sign_in(name))
        return browser

    def begin_sign_in(self, name: str) -> str:
        """The secret of a sign-in that the named person has just finished, in all its steps."""
        secret = make_token()
        with self.database.writing(Reach.EVERYTHING) as session:
            session.add(
                SignInSession(
                    secret_hash=hash_token(secret),
                    person_id=self.cast.people[name],
                    started_at=self.clock.now(),
                    expires_at=self.clock.now() + timedelta(hours=8),
                    confirmed_at=self.clock.now(),
                )
            )
        return secret

    def find_ids(self) -> Mapping[str, list[Any]]:
        """What the places in addresses can be filled with: everything that there is."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return {
                **_OTHER_ARGUMENTS,
                "unit_id": list(self.cast.units.values()),
                "person_id": list(self.cast.people.values()),
                "round_id": list(session.scalars(select(Round.id))),
                "flag_id": list(session.scalars(select(Flag.id))),
                "offer_id": list(session.scalars(select(Offer.id))),
                "incident_id": list(session.scalars(select(Incident.id))),
                "session_id": list(session.scalars(select(SupportSession.id))),
                "supervisor_id": list(session.scalars(select(Supervisor.person_id))),
                "place_id": list(session.scalars(select(Place.id))),
                "series_id": list(session.scalars(select(SessionSeries.id))),
                "programme_id": list(session.scalars(select(Programme.id))),
                "wording_id": list(session.scalars(select(ImportedWording.id))),
                "scale": ["BO", "CS", "STS"],
            }

    def close(self) -> None:
        """Closes the app's connections."""
        self.app.extensions["wellbeing"].database.close()


@dataclass
class Crawl:
    """Every page that a browser was shown, by address; `posted` by the form's address."""

    browser: Browser
    pages: dict[str, Shown] = field(default_factory=dict)
    posted: dict[str, Shown] = field(default_factory=dict)

    def bodies(self) -> dict[str, str]:
        """The pages as sent, without what changes at every visit."""
        return {path: _CHANGING.sub(_KEPT, body_of(shown)) for path, shown in self.pages.items()}

    def everything(self) -> Iterator[tuple[str, str]]:
        """Addresses and answers, headers included, without what changes at every visit."""
        for path, shown in (*self.pages.items(), *self.posted.items()):
            headers = "\n".join(f"{k}: {v}" for k, v in shown.headers if k not in _OWN_HEADERS)
            yield path, f"{headers}\n{_CHANGING.sub(_KEPT, body_of(shown))}"


def crawl(house: House, browser: Browser, *, post: bool = False, documents: bool = False) -> Crawl:
    """Visits every address there could be and every link found; with `post`, presses every form.

    Documents to print are slow to make and have the words of a page: only with `documents`.
    """
    done = Crawl(browser)
    waiting, asked = list(_addresses(house)), Counter[tuple[str, tuple[str, ...]]]()
    while waiting:
        path = waiting.pop()
        if path in done.pages or (urlsplit(path).path.endswith(".pdf") and not documents):
            continue
        # A calendar has a next week for ever: a few answers to the same question are enough.
        question = (urlsplit(path).path, tuple(parse_qs(urlsplit(path).query)))
        asked[question] += 1
        if asked[question] > MOST_ANSWERS:
            continue
        assert len(done.pages) < MOST_PAGES, "the pages never end"
        shown = done.pages[path] = _show(browser.client.get(path))
        waiting += _links(shown)
    if post:
        _press_every_form(done)
    return done


def body_of(shown: Shown) -> str:
    """The body as text; of a file that is no text whatever is packed inside it as well."""
    raw: bytes = shown.response.get_data()
    if (shown.response.mimetype or "").startswith(("text/", "image/svg", "application/json")):
        return raw.decode()
    return "\n".join(part.decode("latin-1") for part in (raw, *_unpacked(raw)))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """The members of an archive (a spreadsheet is one) and the compressed streams of a PDF."""
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    for found in re.finditer(rb"stream\r?\n", raw):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(raw[found.end() :])


@contextmanager
def gathered_logs(level: int = logging.INFO) -> Iterator[list[str]]:
    """What this process logs while the block runs, every statement to the database included; not
    what a mail server in the same process says, which is not ours.
    """
    lines: list[str] = []

    class Gather(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith("mail."):
                lines.append(self.format(record))

    handler = Gather()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    loggers = [logging.getLogger(), logging.getLogger("sqlalchemy.engine")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(level)
    try:
        yield lines
    finally:
        loggers[0].removeHandler(handler)
        for logger, old in zip(loggers, before, strict=True):
            logger.setLevel(old)


@contextmanager
def without_statements() -> Iterator[None]:
    """No statement to the database is logged while the block runs: pages of others run thousands,
    and their values are never in the log.
    """
    logger = logging.getLogger("sqlalchemy.engine")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def read_mails(folder: Path) -> list[EmailMessage]:
    """The mails that a mail server has kept in this folder."""
    parser = BytesParser(policy=default)
    found = (parser.parsebytes(file.read_bytes()) for file in sorted((folder / "new").iterdir()))
    return [message for message in found if isinstance(message, EmailMessage)]


def words_of(message: EmailMessage) -> str:
    """Headers and every part of a mail, decoded."""
    parts = (p.get_payload(decode=True) for p in message.walk() if not p.is_multipart())
    decoded = (p.decode() for p in parts if isinstance(p, bytes))
    return "\n".join([*(f"{k}: {v}" for k, v in message.items()), *decoded])


def _addresses(house: House) -> Iterator[str]:
    ids = house.find_ids()
    with house.app.test_request_context():
        for rule in house.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            names = sorted(rule.arguments)
            for chosen in product(*(ids[name] for name in names)):
                built = rule.build(dict(zip(names, chosen, strict=True)))
                assert built is not None
                yield built[1]


def _show(response: Any) -> Shown:
    response.get_data()
    response.close()
    return Shown(response)


def _links(shown: Shown) -> Iterator[str]:
    found = re.findall(r'(?:href|src|srcset)="([^"]+)"', shown.html) if shown.is_html else []
    for link in (shown.location, *found):
        address = urlsplit(urldefrag(link.replace("&amp;", "&")).url)
        if address.path.startswith("/") and not address.netloc:
            yield address.path + (f"?{address.query}" if address.query else "")


def _press_every_form(done: Crawl) -> None:
    for path, shown in list(done.pages.items()):
        if not shown.is_html or shown.location or 'method="post"' not in shown.html:
            continue
        root = html5lib.parse(shown.html, namespaceHTMLElements=False)
        for form in root.iter("form"):
            action = form.get("action", path)
            if form.get("method") != "post" or NOT_POSTED.search(action) or action in done.posted:
                continue
            done.posted[action] = _show(done.browser.client.post(action, data=defaults_of(form)))


def defaults_of(form: Any) -> dict[str, str]:
    """What a form sends when nobody has touched it."""
    fields = {
        e.get("name"): e.get("value", "")
        for e in form.iter("input")
        if e.get("type") not in {"radio", "checkbox", "submit"} or "checked" in e.attrib
    }
    for choice in form.iter("select"):
        chosen = [o for o in choice.iter("option") if "selected" in o.attrib] or list(
            choice.iter("option")
        )
        fields[choice.get("name")] = chosen[0].get("value", "")
    fields.update({e.get("name"): e.text or "" for e in form.iter("textarea")})
    buttons = [b for b in form.iter("button") if b.get("name")]
    fields.update({b.get("name"): b.get("value", "") for b in buttons[:1]})
    return {name: value for name, value in fields.items() if name}

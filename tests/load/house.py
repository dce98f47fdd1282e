"""A workplace of thousands with a round open for everybody, as `wellbeing serve` finds it."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert

from tests.rounds import STEADY, RoundRunner
from wellbeing.crypto.field_keys import FieldKeys, make_field_keys
from wellbeing.crypto.secrets import get_app_keys, hash_password, hash_token, make_token
from wellbeing.store.accounts import Credential, Person, PersonStatus, SignInSession
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sealed import columns_of
from wellbeing.store.sessions import Database

PASSWORD = "four quiet rivers meet"
PEOPLE_PER_TEAM = 20
SHEET = {f"item{number}": str(value) for number, value in enumerate(STEADY, start=1)}


@dataclass(frozen=True)
class SignedIn:
    """Somebody with the last page in front of them: their cookie, and the form as it is sent."""

    cookies: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True)
class House:
    """A round, the addresses of those who sign in first, and those who are signed in already."""

    data: Path
    url: str
    round_id: UUID
    emails: Sequence[str]
    signed_in: Sequence[SignedIn]

    @property
    def path(self) -> str:
        """Where the check-in is."""
        return f"/check-in/{self.round_id}"


def make_house(url: str, data: Path, *, visitors: int, signed_in: int) -> House:
    """So many people who will sign in with the same password, and so many who have."""
    keys = data / "keys"
    make_field_keys(keys)
    database, now = Database(url, FieldKeys(keys)), datetime.now(UTC)
    if database.is_sqlite:
        upgrade(database)
    people = [uuid4() for _ in range(visitors + signed_in)]
    emails = [f"person{at}@load.example" for at in range(visitors)]
    secrets = [make_token() for _ in range(signed_in)]
    _add_people(database, people, emails)
    _sign_in(database, people[visitors:], secrets, now)
    round_id = RoundRunner(database, data, now).open()
    database.close()
    return House(data, url, round_id, emails, _make_forms(keys, secrets, now))


def _add_people(database: Database, people: Sequence[UUID], emails: Sequence[str]) -> None:
    top, teams = uuid4(), [uuid4() for _ in range(-(-len(people) // PEOPLE_PER_TEAM))]
    # Checking takes as long for each: only making ten thousand hashes is spared.
    password_hash = hash_password(PASSWORD)
    with database.writing(Reach.EVERYTHING) as session:
        session.add(Unit(id=top, name="Kommune"))
        session.flush()
        named = [
            {"id": team, "parent_id": top, "name": f"Team {at}"} for at, team in enumerate(teams)
        ]
        session.execute(insert(Unit), named)
        rows = [
            columns_of(
                Person,
                person,
                id=person,
                employee_number=str(at),
                name=f"Person {at}",
                email=emails[at] if at < len(emails) else f"other{at}@load.example",
                language="da",
                status=PersonStatus.ACTIVE,
            )
            for at, person in enumerate(people)
        ]
        session.execute(insert(Person), rows)
        session.execute(
            insert(Credential),
            [{"person_id": person, "password_hash": password_hash} for person in people],
        )
        day = date(2024, 1, 1)
        homes = (teams[at // PEOPLE_PER_TEAM] for at in range(len(people)))
        session.execute(
            insert(Membership),
            [
                {"person_id": person, "unit_id": home, "from_day": day}
                for person, home in zip(people, homes, strict=True)
            ],
        )


def _sign_in(
    database: Database, people: Sequence[UUID], secrets: Sequence[str], now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        if people:
            session.execute(
                insert(SignInSession),
                [
                    {
                        "id": uuid4(),
                        "secret_hash": hash_token(secret),
                        "person_id": person,
                        "started_at": now,
                        "expires_at": now + timedelta(hours=8),
                    }
                    for person, secret in zip(people, secrets, strict=True)
                ],
            )


def _make_forms(keys: Path, secrets: Sequence[str], now: datetime) -> list[SignedIn]:
    """Cookies and tokens as the service signs them, so that none has to be fetched."""
    app_key = get_app_keys(keys)[0]
    app = Flask("cookies")
    app.secret_key = app_key
    cookies = SecureCookieSessionInterface().get_signing_serializer(app)
    assert cookies is not None
    tokens = URLSafeTimedSerializer([app_key], salt="wtf-csrf-token")
    found = []
    for secret in secrets:
        raw = hashlib.sha1(os.urandom(64), usedforsecurity=False).hexdigest()
        seen = int(now.timestamp()) // 60
        kept = {"_user_id": secret, "_fresh": True, "csrf_token": raw, "seen": seen}
        form = {"csrf_token": tokens.dumps(raw), "form_id": uuid4().hex, "step": "3", "go": "send"}
        found.append(SignedIn({"wellbeing": str(cookies.dumps(kept))}, {**form, **SHEET}))
    return found

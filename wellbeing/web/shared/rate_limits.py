"""Counts attempts in our own database, so that every web process shares one limit."""

import logging
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import Storage
from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from wellbeing.store.accounts import RateCount
from wellbeing.store.reach import Reach
from wellbeing.web.shared.services import services

# A municipality may sit behind one address: failures are counted, and mildly there; an account is
# guarded more strictly.
FAILURES_PER_ADDRESS = "300 per hour"
FAILURES_PER_ACCOUNT = "10 per hour"
LINKS_PER_ACCOUNT = "5 per hour"
LINKS_PER_ADDRESS = "100 per hour"

limiter = Limiter(get_remote_address, strategy="fixed-window")


class DatabaseStorage(Storage):
    """Fixed windows in the table rate_count; exact over processes; keys are kept hashed.

    The limiter is one for all apps of a process, so the database is that of the running request.
    """

    STORAGE_SCHEME = ["wellbeing-database"]  # noqa: RUF012

    def __init__(self, uri: str | None = None, **_: Any) -> None:
        super().__init__(uri)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage may raise."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts one more in the window and says how many that makes."""
        now = services().now()
        dialect = sqlite if services().database.is_sqlite else postgresql
        insert = dialect.insert(RateCount).values(
            key_hash=_hash(key), count=amount, expires_at=now + timedelta(seconds=expiry)
        )
        fresh = RateCount.expires_at <= now
        statement = insert.on_conflict_do_update(
            index_elements=[RateCount.key_hash],
            set_={
                "count": case((fresh, amount), else_=RateCount.count + amount),
                "expires_at": case((fresh, insert.excluded.expires_at), else_=RateCount.expires_at),
            },
        ).returning(RateCount.count)
        with services().database.writing(Reach.SIGN_IN) as session:
            return int(session.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        """How many so far in the window."""
        query = select(RateCount.count).where(
            RateCount.key_hash == _hash(key), RateCount.expires_at > services().now()
        )
        with services().database.reading(Reach.SIGN_IN) as session:
            return session.scalar(query) or 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        query = select(RateCount.expires_at).where(RateCount.key_hash == _hash(key))
        with services().database.reading(Reach.SIGN_IN) as session:
            expires_at = session.scalar(query)
        return (expires_at or services().now()).timestamp()

    def check(self) -> bool:
        """Whether counting works."""
        return self.get("check") >= 0

    def reset(self) -> int:
        """Forgets every count."""
        with services().database.writing(Reach.SIGN_IN) as session:
            forgotten = session.scalar(select(func.count()).select_from(RateCount)) or 0
            session.execute(delete(RateCount))
        return forgotten

    def clear(self, key: str) -> None:
        """Forgets one count."""
        with services().database.writing(Reach.SIGN_IN) as session:
            session.execute(delete(RateCount).where(RateCount.key_hash == _hash(key)))


def install_rate_limits(app: Flask) -> None:
    """Limits what can be guessed: sign-ins, links, receipts, diary codes."""
    app.config["RATELIMIT_STORAGE_URI"] = "wellbeing-database://"
    limiter.init_app(app)
    # It would log the key of whoever is limited: a person's id beside a receipt that did not fit.
    limiter.logger.setLevel(logging.WARNING)


def posted_account() -> str:
    """The account a form is about, as a key for counting."""
    return _account(request.form.get("email", ""))


def forget_failures(email: str) -> None:
    """Lets the account in again after a new password: that way out is promised on the page."""
    limiter.limiter.clear(parse(FAILURES_PER_ACCOUNT), _account(email), "shared.sign_in")


def was_refused(response: Response) -> bool:
    """Whether the answer says that what was typed in did not fit."""
    return response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def _account(email: str) -> str:
    return f"account:{email.strip().lower()[:254]}"


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()

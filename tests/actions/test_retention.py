"""What is no longer needed is deleted, and nothing before its time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.cast import Cast
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.retention import MAIL_DAYS, delete_expired
from wellbeing.actions.sign_in import issue_link
from wellbeing.store.accounts import LinkPurpose, RateCount, SignInLink, SignInSession
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.base import Base
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

SOON = timedelta(hours=1)


def _left(database: Database, table: type[Base], now: datetime) -> int:
    with database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=now)
        return len(session.scalars(select(table)).all())


def test_links_sign_ins_and_counts_go_when_their_time_has_passed(
    database: Database, cast: Cast, now: datetime
) -> None:
    eva = cast.people["Eva"]
    with database.writing(Reach.EVERYTHING) as session:
        issue_link(session, eva, LinkPurpose.RESET, hours=1, now=now)
        session.add(
            SignInSession(
                secret_hash="0" * 64, person_id=eva, started_at=now, expires_at=now + SOON
            )
        )
        session.add(RateCount(key_hash="0" * 64, count=1, expires_at=now + SOON))
    tables = (SignInLink, SignInSession, RateCount)
    almost = now + SOON - timedelta(seconds=1)
    assert [_left(database, table, almost) for table in tables] == [1, 1, 1]
    assert [_left(database, table, now + SOON) for table in tables] == [0, 0, 0]


@pytest.mark.parametrize(("state", "left"), [(MailState.ENDED, 0), (MailState.WAITING, 1)])
def test_ended_mail_is_kept_long_enough_to_be_known_and_waiting_mail_for_good(
    database: Database, cast: Cast, now: datetime, state: MailState, left: int
) -> None:
    letter = Letter(MailKind.ROUND_PUBLISHED, cast.people["Eva"], "1", now, now)
    with database.writing(Reach.EVERYTHING) as session:
        post(session, [letter])
        session.execute(update(OutboxMessage).values(state=state))
    assert _left(database, OutboxMessage, now + timedelta(days=MAIL_DAYS)) == 1
    with database.writing(Reach.EVERYTHING) as session:
        assert post(session, [letter]) == 0
    assert _left(database, OutboxMessage, now + timedelta(days=MAIL_DAYS, seconds=1)) == left

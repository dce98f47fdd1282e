"""What an administrator may do to an account, and what follows from it."""

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, Cast, email_of, make_cast
from wellbeing.actions import accounts
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.sign_in import sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused
from wellbeing.store.accounts import Person, PersonStatus, SignInSession
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("test")
RULES = SignInRules(hours=8, second_factor_roles=frozenset())


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.mark.parametrize("act", [accounts.send_link, accounts.disable, accounts.enable])
def test_nobody_is_missing_in_every_act(
    act: accounts.AccountAct, database: Database, now: datetime
) -> None:
    with pytest.raises(Missing), database.writing(Reach.ADMIN) as session:
        act(session, uuid4(), by=BY, now=now)


def test_no_link_goes_to_somebody_without_an_address(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).email = None
    with pytest.raises(Refused), database.writing(Reach.ADMIN) as session:
        accounts.send_link(session, cast.people["Eva"], by=BY, now=now)


def test_somebody_without_an_address_can_be_let_in_again_without_a_mail(
    sqlite_database: Database, now: datetime
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        dan = make_cast(session).people["Dan"]
        session.get_one(Person, dan).email = None
    with sqlite_database.writing(Reach.ADMIN) as session:
        assert accounts.enable(session, dan, by=BY, now=now).status is PersonStatus.INVITED
        assert session.scalars(select(OutboxMessage)).all() == []


def test_a_closed_access_remembers_since_when_and_forgets_it_when_opened(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.ADMIN) as session:
        assert accounts.disable(session, cast.people["Tom"], by=BY, now=now).left_at == now
    with database.writing(Reach.ADMIN) as session:
        assert accounts.enable(session, cast.people["Tom"], by=BY, now=now).left_at is None


def test_a_closed_access_has_no_sign_in_left(database: Database, cast: Cast, now: datetime) -> None:
    with database.writing(Reach.SIGN_IN) as session:
        for _ in range(2):
            sign_in(session, email_of("Tom"), PASSWORD, rules=RULES, now=now)
        sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=now)
    with database.writing(Reach.ADMIN) as session:
        accounts.disable(session, cast.people["Tom"], by=BY, now=now)
        left = session.scalars(select(SignInSession.person_id)).all()
    assert left == [cast.people["Eva"]]


def test_a_reset_becomes_an_invitation_after_closing_and_opening(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.ADMIN) as session:
        accounts.send_link(session, cast.people["Tom"], by=BY, now=now)
        accounts.disable(session, cast.people["Tom"], by=BY, now=now)
        accounts.enable(session, cast.people["Tom"], by=BY, now=now)
        kinds = session.scalars(select(OutboxMessage.kind)).all()
    assert set(kinds) == {MailKind.RESET, MailKind.ACTIVATION}

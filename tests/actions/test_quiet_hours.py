"""What can wait waits for a working morning; an invitation is never kept until it is too late."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.actions.post_office import PostOffice
from tests.cast import Cast
from tests.mail_server import MailServer
from tests.rounds import RoundRunner
from wellbeing.actions.outbox_outcomes import Delivered
from wellbeing.actions.sign_in import post_link
from wellbeing.store.accounts import PersonStatus
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Round
from wellbeing.store.reach import Reach

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def invited(office: PostOffice, rounds: RoundRunner) -> UUID:
    """A round that is open since Monday morning, with its invitations in the outbox."""
    round_id = rounds.open()
    office.invite()
    return round_id


def _asked(office: PostOffice) -> list[UUID]:
    return [row.person_id for row in office.rows()]


@pytest.mark.parametrize("hours", [12, 24 * 5, 24 * 5 + 12])
def test_invitations_wait_until_the_next_working_morning(
    office: PostOffice, invited: UUID, mail_server: MailServer, hours: int
) -> None:
    office.clock.forward(hours=hours)
    assert office.deliver() == Delivered()
    assert {row.attempts for row in office.rows()} == {0}
    office.clock.forward(hours=24 * 7 - hours)
    office.deliver()
    assert len(mail_server.received) == len(_asked(office))


def test_a_link_somebody_asked_for_does_not_wait(
    office: PostOffice, cast: Cast, mail_server: MailServer
) -> None:
    office.clock.forward(hours=14)
    with office.database.writing(Reach.EVERYTHING) as session:
        post_link(
            session, cast.people["Ida"], PersonStatus.INVITED, occasion="1", now=office.clock.now()
        )
    assert office.deliver() == Delivered(sent=1)


def test_an_invitation_goes_on_a_weekend_if_the_round_closes_before_monday(
    office: PostOffice, invited: UUID, mail_server: MailServer
) -> None:
    with office.database.writing(Reach.EVERYTHING) as session:
        closes_at = office.clock.now() + timedelta(days=6)
        session.execute(update(Round).values(closes_at=closes_at))
        session.execute(update(OutboxMessage).values(expires_at=closes_at))
    office.clock.forward(days=5)
    office.deliver()
    assert len(mail_server.received) == len(_asked(office))

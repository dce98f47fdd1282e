"""Was a session useful? Everyone invited may say so once; only sums by value are kept.

Nothing is written down of an answer but a sum: no row, no time, no event in the audit log.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.actions.session_record import EXPECTED
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.usefulness import VALUES
from wellbeing.store.support import Booking, SessionFeedback, SessionState, SupportSession


def get_asked(session: Session, session_id: UUID, person_id: UUID) -> tuple[SupportSession, bool]:
    """A session that was held and whether this person has answered; Missing for anybody else."""
    query = (
        select(SupportSession, Booking.feedback_given)
        .join(Booking, Booking.session_id == SupportSession.id)
        .where(
            SupportSession.id == session_id,
            SupportSession.state == SessionState.HELD,
            Booking.person_id == person_id,
            Booking.state.in_(EXPECTED),
        )
    )
    row = session.execute(query).first()
    if row is None:
        raise Missing("That session does not exist.")
    return row[0], row[1]


def is_asking(about: SupportSession, *, today: date) -> bool:
    """Whether answers are still taken."""
    return about.feedback_until is not None and today <= about.feedback_until


def give_feedback(
    session: Session, session_id: UUID, person_id: UUID, useful: int, *, today: date
) -> bool:
    """Counts an answer from 1 to 5; False when this person had answered, and nothing changes.

    BadInput for any other value, Refused once it is closed, Missing for who was not invited.
    """
    if useful not in VALUES:
        raise BadInput("Choose one of the five answers.")
    get_asked(session, session_id, person_id)
    about = session.get_one(SupportSession, session_id, with_for_update=True)
    if not is_asking(about, today=today):
        raise Refused("Answers about this session are closed.")
    if not _mark_given(session, session_id, person_id):
        return False
    _start_sums(session, session_id)
    # All five sums are written each time: were only one, its age in the database would be that of
    # the latest booking marked, and tell what that person said.
    added = case((SessionFeedback.useful == useful, 1), else_=0)
    session.execute(
        update(SessionFeedback)
        .where(SessionFeedback.session_id == session_id)
        .values(count=SessionFeedback.count + added)
        .execution_options(synchronize_session=False)
    )
    return True


def _mark_given(session: Session, session_id: UUID, person_id: UUID) -> bool:
    """Compare and set: of eight answers at once one gets True."""
    marked = session.execute(
        update(Booking)
        .where(
            Booking.session_id == session_id,
            Booking.person_id == person_id,
            Booking.feedback_given.is_(False),
        )
        .values(feedback_given=True)
        .returning(Booking.person_id)
        .execution_options(synchronize_session=False)
    )
    return marked.first() is not None


def _start_sums(session: Session, session_id: UUID) -> None:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"session_id": session_id, "useful": value, "count": 0} for value in VALUES]
    session.execute(
        dialect.insert(SessionFeedback)
        .values(rows)
        .on_conflict_do_nothing(index_elements=[SessionFeedback.session_id, SessionFeedback.useful])
    )

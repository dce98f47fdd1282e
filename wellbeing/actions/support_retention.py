"""Deletes what has been kept of support long enough: records, requests, and who was booked."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.requests import KEPT_DAYS_AFTER
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.store.incidents import SupportRequest
from wellbeing.store.support import (
    Booking,
    Offer,
    OfferState,
    SessionAction,
    SessionFeedback,
    SessionState,
    SessionTheme,
    SupportSession,
)

UNRECORDED_DAYS = load_retention_table().days_of("unrecorded")


def delete_expired_support(session: Session, *, now: datetime) -> int:
    """Deletes what is due and returns how many rows that was; again it finds nothing.

    Of a session that was held only that is kept: no numbers, themes, agreements or bookings.
    """
    today = now.date()
    _set_end_of_requests(session)
    _forget_who_answered(session, today)
    return (
        _delete_records(session, today)
        + _delete_requests(session, today)
        + _delete_what_was_taken_back(session, now)
        + _delete_unrecorded(session, now)
    )


def _delete_records(session: Session, today: date) -> int:
    due = (
        select(SupportSession.id)
        .where(SupportSession.delete_on <= today, SupportSession.attended_count.is_not(None))
        .scalar_subquery()
    )
    tables = (SessionTheme, SessionAction, SessionFeedback, Booking)
    deleted = sum(
        session.connection().execute(delete(table).where(table.session_id.in_(due))).rowcount
        for table in tables
    )
    session.connection().execute(
        update(SupportSession)
        .where(SupportSession.id.in_(due))
        .values(attended_count=None, minutes_held=None, next_on=None, feedback_until=None)
    )
    return deleted


def _delete_unrecorded(session: Session, now: datetime) -> int:
    """Who was invited to a session that was cancelled, or that nobody ever wrote down."""
    old = (
        select(SupportSession.id)
        .where(
            SupportSession.ends_at < now - timedelta(days=UNRECORDED_DAYS),
            SupportSession.state != SessionState.HELD,
        )
        .scalar_subquery()
    )
    return session.connection().execute(delete(Booking).where(Booking.session_id.in_(old))).rowcount


def _set_end_of_requests(session: Session) -> None:
    """Counts from the session that answered a request: whoever leads it knows no requests."""
    query = (
        select(SupportRequest, SupportSession.ends_at)
        .join(SupportSession, SupportSession.offer_id == SupportRequest.offer_id)
        .where(SupportRequest.delete_on.is_(None), SupportSession.state == SessionState.HELD)
        .order_by(SupportSession.ends_at)
    )
    for found, ends_at in session.execute(query):
        found.delete_on = ends_at.date() + timedelta(days=KEPT_DAYS_AFTER)
    session.flush()


def _delete_requests(session: Session, today: date) -> int:
    due = SupportRequest.delete_on <= today
    sessions = (
        select(SupportSession.id)
        .join(SupportRequest, SupportRequest.offer_id == SupportSession.offer_id)
        .where(due)
        .scalar_subquery()
    )
    connection = session.connection()
    booked = connection.execute(delete(Booking).where(Booking.session_id.in_(sessions))).rowcount
    return booked + connection.execute(delete(SupportRequest).where(due)).rowcount


def _delete_what_was_taken_back(session: Session, now: datetime) -> int:
    """The offer that a request left behind, with its cancelled session: nobody's any more."""
    still_wanted = exists().where(
        SupportSession.offer_id == Offer.id,
        (SupportSession.state != SessionState.CANCELLED) | (SupportSession.ends_at >= now),
    )
    asked = exists().where(SupportRequest.offer_id == Offer.id)
    query = select(Offer.id).where(
        Offer.unit_id.is_(None), Offer.state == OfferState.CLOSED, ~still_wanted, ~asked
    )
    left = list(session.scalars(query))
    connection = session.connection()
    deleted = connection.execute(
        delete(SupportSession).where(SupportSession.offer_id.in_(left))
    ).rowcount
    return deleted + connection.execute(delete(Offer).where(Offer.id.in_(left))).rowcount


def _forget_who_answered(session: Session, today: date) -> None:
    closed = select(SupportSession.id).where(SupportSession.feedback_until < today)
    session.connection().execute(
        update(Booking)
        .where(Booking.feedback_given.is_(True), Booking.session_id.in_(closed.scalar_subquery()))
        .values(feedback_given=False)
    )

"""The short list of themes that session records may name; HR keeps it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.themes import FIRST_THEMES, MAX_THEME_LENGTH, MOST_ACTIVE_THEMES
from wellbeing.store.support import Theme


def add_first_themes(session: Session) -> int:
    """Puts the starting list into an empty table; how many were added. Twice at once is once."""
    if session.scalar(select(func.count()).select_from(Theme)):
        return 0
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"id": uuid4(), "name": name, "active": True} for name in FIRST_THEMES]
    statement = dialect.insert(Theme).on_conflict_do_nothing(index_elements=[Theme.name])
    return len(session.execute(statement.values(rows).returning(Theme.id)).all())


def find_themes(session: Session) -> list[Theme]:
    """Every theme by name, retired ones too."""
    return list(session.scalars(select(Theme).order_by(Theme.name)))


def add_theme(session: Session, name: str, *, now: datetime, by: Actor) -> Theme:
    """The theme of this name, in use from now on; the one there is, brought back if retired."""
    called = _check_name(name)
    found = session.scalars(select(Theme).where(Theme.name == called)).first()
    if found is not None:
        set_active(session, found.id, is_active=True, now=now, by=by)
        return found
    _check_room(session)
    theme = Theme(id=uuid4(), name=called)
    session.add(theme)
    record(session, "theme.added", str(theme.id), by=by, now=now, name=called)
    return theme


def rename_theme(session: Session, theme_id: UUID, name: str, *, now: datetime, by: Actor) -> None:
    """Gives a theme another name, in old records too; BadInput where another has it."""
    theme, called = _hold_theme(session, theme_id), _check_name(name)
    if theme.name == called:
        return
    if session.scalars(select(Theme.id).where(Theme.name == called)).first() is not None:
        raise BadInput("There is a theme of that name already.")
    theme.name = called
    record(session, "theme.renamed", str(theme_id), by=by, now=now, name=called)


def set_active(
    session: Session, theme_id: UUID, *, is_active: bool, now: datetime, by: Actor
) -> None:
    """Takes a theme off the list, or puts it back; records that name it keep it."""
    theme = _hold_theme(session, theme_id)
    if theme.active is is_active:
        return
    if is_active:
        _check_room(session)
    theme.active = is_active
    if is_active:
        record(session, "theme.restored", str(theme_id), by=by, now=now)
    else:
        record(session, "theme.retired", str(theme_id), by=by, now=now)


def _check_name(name: str) -> str:
    called = one_line(name)
    if not 0 < len(called) <= MAX_THEME_LENGTH:
        raise BadInput(
            "Give the theme a name of at most {length} characters.", length=MAX_THEME_LENGTH
        )
    return called


def _check_room(session: Session) -> None:
    active = session.scalar(select(func.count()).select_from(Theme).where(Theme.active)) or 0
    if active >= MOST_ACTIVE_THEMES:
        raise Refused("The list is to stay short: take one off before you add another.")


def _hold_theme(session: Session, theme_id: UUID) -> Theme:
    theme = session.get(Theme, theme_id, with_for_update=True)
    if theme is None:
        raise Missing("That theme does not exist.")
    return theme

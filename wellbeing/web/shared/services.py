"""What a request may use: settings, the time, keys, and a database session of its area's reach."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, request
from flask_login import current_user
from sqlalchemy.orm import Session

from wellbeing.actions.sign_in import SignedIn
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.crypto.secrets import get_app_keys
from wellbeing.domain.actor import Actor
from wellbeing.settings import Settings
from wellbeing.store.reach import REACH_OF_AREA, Reach
from wellbeing.store.sessions import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Made once per application."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]

    @property
    def keys(self) -> RoundKeys:
        """The key directory."""
        return RoundKeys(self.settings.key_folder, self.settings.mac_keys)

    @property
    def app_keys(self) -> tuple[bytes, ...]:
        """What makes codes and links known, newest first; as the folder has it at this moment."""
        return get_app_keys(self.settings.key_folder)


def services() -> Services:
    """The services of the running application."""
    return cast(Services, current_app.extensions["wellbeing"])


@contextmanager
def reading() -> Iterator[Session]:
    """A read-only session that reaches what the area of this request may; no area can choose."""
    with services().database.reading(_reach()) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session of this area's reach, committed at the end."""
    with services().database.writing(_reach()) as session:
        yield session


def signed_in() -> SignedIn:
    """Who is signed in; only for pages that the policy keeps from strangers."""
    who = current_user.who
    assert isinstance(who, SignedIn)
    return who


def actor() -> Actor:
    """Who acts in this request, for the audit log."""
    return Actor.person(signed_in().person_id)


def _reach() -> Reach:
    return REACH_OF_AREA.get(request.blueprint or "", Reach.SIGN_IN)

"""What may be used once, by whichever process sees it first."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.store.accounts import RateCount


def use_once(session: Session, what: str, *, until: datetime) -> bool:
    """Whether this was not used before; remembered, as a hash, until it would be too old anyway."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = sha256(f"once:{what}".encode()).hexdigest()
    used = session.execute(
        dialect.insert(RateCount)
        .values(key_hash=key, count=1, expires_at=until)
        .on_conflict_do_nothing(index_elements=[RateCount.key_hash])
        .returning(RateCount.key_hash)
    ).first()
    return used is not None

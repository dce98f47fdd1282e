"""Statements are compiled once for all databases of a test process, not for each anew.

Some thousand tests have a database of their own each, and so an engine whose cache of compiled
statements is empty: a sixth of their time went into compiling the same ones.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.field_keys import KeysOfTests
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.store import sessions
from wellbeing.store.reach import Reach
from wellbeing.store.sealed import Sealer, use_sealer
from wellbeing.store.sessions import Database

_MADE_BYTES = 100_000
_FIRST: dict[str, Engine] = {}
_KEYS = KeysOfTests()


def compile_once() -> None:
    """From here on engines share what is compiled, where all of them have the keys of tests."""
    make_engine = Database._make_engine

    def make(self: Database, reach: Reach, read_only: bool) -> Engine:
        engine = make_engine(self, reach, read_only)
        if not (_has_test_keys(self.sealer) and _is_made(engine)):
            return engine
        name = engine.dialect.name
        first = _FIRST.get(name)
        if first is None:
            # Only what has been connected knows the server.
            event.listen(engine, "engine_connect", lambda _: _share(name, engine))
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    def use(engine: Engine, sealer: Any) -> None:
        is_shared = any(engine.dialect is first.dialect for first in _FIRST.values())
        use_sealer(engine, _KEYS if is_shared else sealer)

    setattr(Database, "_make_engine", make)  # noqa: B010 (mypy forbids the plain way)
    setattr(sessions, "use_sealer", use)  # noqa: B010


def _share(name: str, engine: Engine) -> None:
    if name not in _FIRST:
        _FIRST[name] = engine
        use_sealer(engine, _KEYS)


def _is_made(engine: Engine) -> bool:
    """A database that is only being made may be given keys of its own."""
    path = engine.url.database
    if engine.dialect.name != "sqlite":
        return True
    made = Path(path or "nowhere")
    return made.exists() and made.stat().st_size > _MADE_BYTES


def _has_test_keys(sealer: Sealer) -> bool:
    if isinstance(sealer, KeysOfTests):
        return True
    return isinstance(sealer, FieldKeys) and not sealer.folder.field_numbers()

"""Texts that the database holds sealed: column types, and attributes that read as plain text.

A sealed value belongs to one column of one row and opens nowhere else. It is opened when somebody
looks at it, never on loading. The database cannot search or sort what it cannot read: an address
is found by a blind index, people are put in order in Python (`domain/name_order`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, overload
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Dialect, Engine, LargeBinary
from sqlalchemy.orm import Bundle, DeclarativeBase
from sqlalchemy.types import TypeDecorator

from wellbeing.domain.errors import UnfitKeys

T = TypeVar("T")
INDEX_BYTES = 32


class Sealer(Protocol):
    """Seals and opens bytes for one place (table.column) of one row, and makes blind indexes."""

    def seal(self, plain: bytes, *, place: str, row: UUID) -> bytes:
        """`plain`, sealed with the newest key."""
        ...

    def open(self, sealed: bytes, *, place: str, row: UUID) -> bytes:
        """What was sealed for this very place; UnfitKeys for anything else."""
        ...

    def index(self, text: str, *, place: str) -> bytes:
        """32 bytes, the same for the same text, that tell nothing without the key."""
        ...


class NoSealer:
    """Stands where no keys were given: everything but sealed values works."""

    def seal(self, *_plain: object, **_about: object) -> bytes:
        """Never."""
        raise UnfitKeys("This database was opened without the keys of its sealed fields.")

    open = index = seal


# An engine has a dialect of its own, and column types are told the dialect: so every value is
# sealed and opened with the keys of the database it goes to or comes from, however many are open.
_SEALERS: WeakKeyDictionary[Dialect, Sealer] = WeakKeyDictionary()


def use_sealer(engine: Engine, sealer: Sealer) -> None:
    """Whatever goes through this engine is sealed and opened by `sealer`."""
    _SEALERS[engine.dialect] = sealer


def sealer_of(dialect: Dialect) -> Sealer:
    """What seals and opens for connections of this dialect."""
    return _SEALERS[dialect]


@dataclass(frozen=True, slots=True)
class Plain:
    """A text on its way into a sealed column of a row."""

    row: UUID
    text: str = field(repr=False)

    def open(self, row: UUID) -> str:
        """The text, for its own row."""
        if row != self.row:
            raise ValueError("A text for one row was put in another.")
        return self.text


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as the database has it, with what can open it."""

    stored: bytes
    place: str
    sealer: Sealer = field(repr=False, compare=False)

    def open(self, row: UUID) -> str:
        """The text; UnfitKeys when it was sealed for another place or row, or with another key."""
        return self.sealer.open(self.stored, place=self.place, row=row).decode()


SealedValue = Plain | Sealed


class SealedText(TypeDecorator[SealedValue]):
    """A column of sealed texts, named by its place: "person.name"."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str, length: int | None = None) -> None:
        super().__init__(length)
        self.place = place

    def process_bind_param(self, value: SealedValue | None, dialect: Dialect) -> bytes | None:
        """Seals a text; what is sealed already goes as it is."""
        if value is None or isinstance(value, Sealed):
            return value.stored if value else None
        plain = value.text.encode()
        return sealer_of(dialect).seal(plain, place=self.place, row=value.row)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        """Still sealed."""
        return None if value is None else Sealed(value, self.place, sealer_of(dialect))


class BlindIndex(TypeDecorator[str | bytes]):
    """A column in which a text can be found but not read; given the text, as it is compared."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__(INDEX_BYTES)
        self.place = place

    def process_bind_param(self, value: str | bytes | None, dialect: Dialect) -> bytes | None:
        """The keyed hash of a text; one that was read goes back as it is."""
        if value is None or isinstance(value, bytes):
            return value
        return sealer_of(dialect).index(value, place=self.place)


class OpenedColumn(Bundle[T]):
    """A sealed column in `select(…)`: rows have its plain text.

    Only whether there is a value can be asked in SQL; anything else is a mistake and says so.
    """

    inherit_cache = True

    def __init__(self, name: str, row: Any, sealed: Any, read: Callable[[str | None], T]) -> None:
        super().__init__(name, row, sealed)
        self._sealed = sealed
        self._read = read

    def create_row_processor(
        self, _query: Any, procs: Any, _labels: Any
    ) -> Callable[[Any], T | None]:
        """Opens the value of a row; None where an outer join found no row."""
        row_of, sealed_of = procs

        def process(row: Any) -> T | None:
            if (row_id := row_of(row)) is None:
                return None
            sealed = sealed_of(row)
            return self._read(None if sealed is None else sealed.open(row_id))

        return process

    def is_(self, nothing: None) -> ColumnElement[bool]:
        """Whether there is no value."""
        return self._as_column().is_(nothing)

    def is_not(self, nothing: None) -> ColumnElement[bool]:
        """Whether there is a value."""
        return self._as_column().is_not(nothing)

    def _as_column(self) -> ColumnElement[Any]:
        found: ColumnElement[Any] = self._sealed
        return found

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OpenedColumn):
            return self is other
        raise TypeError(f"{self.name} is sealed: the database cannot compare it.")

    __hash__ = Bundle.__hash__


class Opened(Generic[T]):
    """The plain text of a sealed column: `person.name` reads and writes it, `Person.name` selects
    it. `index` is the column that finds it again; `row` the one that says which row it is.
    """

    def __init__(
        self,
        sealed: str,
        read: Callable[[str | None], T],
        write: Callable[[T], str | None],
        *,
        row: str = "id",
        index: str | None = None,
        index_of: Callable[[str], str] = str,
    ) -> None:
        self.sealed, self.row, self.index = sealed, row, index
        self._read, self.write, self.index_of = read, write, index_of
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> OpenedColumn[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> OpenedColumn[T] | T:
        if instance is None:
            columns = getattr(owner, self.row), getattr(owner, self.sealed)
            return OpenedColumn(self.name, *columns, self._read)
        value: SealedValue | None = getattr(instance, self.sealed)
        return self._read(None if value is None else value.open(getattr(instance, self.row)))

    def __set__(self, instance: object, value: T) -> None:
        # What stays the same is not sealed anew: the row is then not written at all.
        if getattr(instance, self.sealed) is not None and self.__get__(instance, object) == value:
            return
        for column, new in self.columns_for(getattr(instance, self.row), value).items():
            setattr(instance, column, new)

    def columns_for(self, row: UUID, value: T) -> dict[str, Any]:
        """What to put in which columns of a row."""
        text = self.write(value)
        columns: dict[str, Any] = {self.sealed: None if text is None else Plain(row, text)}
        if self.index is not None:
            columns[self.index] = None if text is None else self.index_of(text)
        return columns


def needed(sealed: str, *, row: str = "id") -> Opened[str]:
    """A text that every row has."""
    return Opened(sealed, lambda text: text or "", str, row=row)


def optional(
    sealed: str, *, index: str | None = None, index_of: Callable[[str], str] = str
) -> Opened[str | None]:
    """A text or None."""
    return Opened(sealed, lambda text: text, lambda text: text, index=index, index_of=index_of)


def maybe_empty(sealed: str) -> Opened[str]:
    """A text that may be empty; an empty one leaves nothing in the database."""
    return Opened(sealed, lambda text: text or "", lambda text: text or None)


def columns_of(model: type[DeclarativeBase], row: UUID, **values: Any) -> dict[str, Any]:
    """Plain values by attribute as values by column, for statements past the ORM."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        attribute = vars(model).get(name)
        if isinstance(attribute, Opened):
            columns |= attribute.columns_for(row, value)
        else:
            columns[name] = value
    return columns


class WithSealedTexts:
    """A new row gets its id before anything else: a sealed text has to know whose it is."""

    def __init__(self, **values: Any) -> None:
        rows = {found.row for found in vars(type(self)).values() if isinstance(found, Opened)}
        first = {row: values.pop(row, None) or uuid4() for row in rows}
        super().__init__(**first, **values)

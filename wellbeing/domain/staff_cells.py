"""One cell of the staff file at a time: each `read_…` gives the clean value or raises BadInput."""

import re
import unicodedata

from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import Role

UnitPath = tuple[str, ...]

MAX_EMPLOYEE_NUMBER = 40
MAX_NAME = 200
MAX_EMAIL = 254
MAX_UNIT_NAME = 120
MAX_UNIT_LEVELS = 8
MAX_SHOWN = 60

LANGUAGES = {
    "da": "da", "da-dk": "da", "dansk": "da", "danish": "da",
    "en": "en", "en-gb": "en", "en-us": "en", "engelsk": "en", "english": "en",
}  # fmt: skip
ROLE_NAMES = {
    "hr": Role.HR,
    "safetyrepresentative": Role.SAFETY_REPRESENTATIVE,
    "arbejdsmiljørepræsentant": Role.SAFETY_REPRESENTATIVE,
    "amr": Role.SAFETY_REPRESENTATIVE,
    "supervisor": Role.SUPERVISOR,
    "administrator": Role.ADMINISTRATOR,
    "admin": Role.ADMINISTRATOR,
    "dpo": Role.DPO,
    "dataprotectionofficer": Role.DPO,
    "databeskyttelsesrådgiver": Role.DPO,
    "leader": Role.LEADER,
    "leder": Role.LEADER,
    "employee": Role.EMPLOYEE,
    "medarbejder": Role.EMPLOYEE,
}
ROLES_OF_A_UNIT = frozenset({Role.HR, Role.SAFETY_REPRESENTATIVE})

_JOINERS = frozenset("\u200c\u200d")
_ESCAPED = re.compile(r"\\([/;|\\])")
_LOCAL_PART = re.compile(r"[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)*")
_DOMAIN = re.compile(r"(?:[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?\.)+[^\W\d_](?:[^\W_]|-)*[^\W_]")
_PHONE_MARKS = re.compile(r"[\s().\-]+")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_DANISH = re.compile(r"[0-9]{8}")


def squash(text: str) -> str:
    """The letters and digits of `text` alone, without case: how headers and role names compare."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def fold(text: str) -> str:
    """`text` without case, for finding the same name or address written in two ways."""
    return unicodedata.normalize("NFC", text.casefold())


def shown(text: str) -> str:
    """`text` in quotation marks, shortened, and safe to print: unseen characters become dots."""
    short = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
    return "'" + "".join(letter if letter.isprintable() else "·" for letter in short) + "'"


def read_text(text: str, max_characters: int) -> str:
    """`text` as NFC with single spaces; refuses what cannot be seen and what is too long."""
    if not text.isprintable():
        _check_visible(text)
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if len(clean) > max_characters:
        raise BadInput(
            f"{shown(clean)} has {len(clean)} characters. Shorten it to {max_characters} or fewer."
        )
    return clean


def _check_visible(text: str) -> None:
    for letter in text:
        if letter in "\r\n\u2028\u2029":
            raise BadInput(f"{shown(text)} holds a line break. Write it on one line.")
        if letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs":
            continue
        raise BadInput(
            f"{shown(text)} holds a character that cannot be seen (U+{ord(letter):04X})."
            " Delete it and type the text again."
        )


def read_email(text: str) -> str:
    """An address in lower case, or "" for a blank cell."""
    address = read_text(text, MAX_EMAIL).lower()
    local_part, _, domain = address.rpartition("@")
    if address and not (
        len(local_part) <= 64 and _LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(domain)
    ):
        raise BadInput(f"{shown(address)} is not an e-mail address. Write it as name@example.dk.")
    return address


def read_mobile(text: str) -> str:
    """A number in E.164 form, +45 added to eight Danish digits, or "" for a blank cell."""
    written = read_text(text, MAX_SHOWN)
    number = _PHONE_MARKS.sub("", written)
    if number.startswith("00"):
        number = "+" + number[2:]
    elif number.startswith("45") and _DANISH.fullmatch(number[2:]):
        number = "+" + number  # a spreadsheet drops the + of a number typed with one
    elif _DANISH.fullmatch(number):
        number = "+45" + number
    danish_fault = number.startswith("+45") and not _DANISH.fullmatch(number[3:])
    if number and (danish_fault or not _INTERNATIONAL.fullmatch(number)):
        raise BadInput(
            f"{shown(written)} is not a mobile number. Write 8 Danish digits,"
            " or + and the country code."
        )
    return number


def read_language(text: str) -> str:
    """The language, `da` or `en`."""
    language = LANGUAGES.get(read_text(text, MAX_SHOWN).casefold())
    if language is None:
        raise BadInput(f"{shown(text)} is not a language of this service. Write 'da' or 'en'.")
    return language


def split_values(text: str) -> list[str]:
    """The values of a cell that may hold several: parted by a semicolon, a bar or a new line."""
    return [value for value in _split(text, ";|\r\n") if value.strip()]


def read_unit_path(text: str) -> UnitPath:
    """The names from the organisation down; a slash parts them, `\\/` is a slash in a name."""
    names = tuple(read_text(_ESCAPED.sub(r"\1", name), MAX_UNIT_NAME) for name in _split(text, "/"))
    if "" in names:
        raise BadInput(
            f"{shown(text)} has an empty name beside a slash."
            " Write the path as 'Organisation / Department / Team'."
        )
    if len(names) > MAX_UNIT_LEVELS:
        raise BadInput(
            f"{shown(text)} has {len(names)} levels. Use {MAX_UNIT_LEVELS} or fewer"
            " (write \\/ for a slash inside a name)."
        )
    return names


def read_role(text: str) -> tuple[Role, UnitPath | None]:
    """A role, and the unit after its colon if there is one: `hr` or `hr: Org / Department`."""
    written, colon, scope = text.partition(":")
    role = ROLE_NAMES.get(squash(read_text(written, MAX_NAME)))
    if role is None:
        names = ", ".join(sorted(set(ROLE_NAMES.values()) - {Role.LEADER, Role.EMPLOYEE}))
        raise BadInput(f"{shown(written.strip())} is not a role. The roles are: {names}.")
    if role is Role.LEADER:
        raise BadInput("Who leads a unit is not said here. Name the unit in the column leader_of.")
    if not colon:
        return role, None
    if role not in ROLES_OF_A_UNIT:
        raise BadInput(f"The role {role} is not for one unit. Write '{role}' alone.")
    return role, read_unit_path(scope)


def unit_text(path: UnitPath) -> str:
    """A unit path as it is written in the file: "Org / Department / Team"."""
    return " / ".join(re.sub(r"([/;|\\])", r"\\\1", name) for name in path)


def unit_key(path: UnitPath) -> UnitPath:
    """The path without case: units whose keys are alike are the same unit, spelled differently."""
    return tuple(fold(name) for name in path)


def _split(text: str, separators: str) -> list[str]:
    """The parts of `text` between separators that no backslash stands before."""
    if "\\" not in text:
        return re.split(f"[{separators}]", text)
    part = re.compile(rf"(?:\\[/;|\\]|[^{separators}])*")
    parts, start = [], 0
    while True:
        found = part.match(text, start)
        assert found is not None
        parts.append(found.group())
        start = found.end() + 1
        if start > len(text):
            return parts

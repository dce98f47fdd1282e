"""The words and dates of each language, read from translations/<locale>/*.po; knows no web."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from jinja2 import Environment

TRANSLATIONS = Path(__file__).resolve().parent / "translations"
SOURCE_LOCALE = "en"
# English serves organisations in Europe here: the day comes before the month, 24 hours.
_FORMATTED_AS = {"en": "en_GB"}


@cache
def available_locales(folder: Path = TRANSLATIONS) -> tuple[str, ...]:
    """English and every locale with a folder of .po files, sorted."""
    found = {path.parent.name for path in folder.glob("*/*.po")}
    return tuple(sorted(found | {SOURCE_LOCALE}))


def own_names(locales: Iterable[str]) -> dict[str, str]:
    """Each locale with the name its speakers give it: {"da": "Dansk", "en": "English"}."""
    names = {locale: Locale.parse(locale).get_display_name() or locale for locale in locales}
    return {locale: name[:1].upper() + name[1:] for locale, name in names.items()}


def merge_parts(locale: str, folder: Path = TRANSLATIONS) -> Catalog:
    """All parts of a locale as one catalogue; a malformed part raises PoFileError with its line."""
    merged = Catalog(locale=locale)
    for path in sorted((folder / locale).glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=locale, abort_invalid=True)
        for message in part:
            if message.id and message.string and not message.fuzzy:
                merged.add(message.id, message.string, context=message.context)
    return merged


@cache
def load_translations(locale: str, folder: Path = TRANSLATIONS) -> Translations:
    """The merged translations of a locale; without any, texts come back in English."""
    compiled = BytesIO()
    write_mo(compiled, merge_parts(locale, folder))
    compiled.seek(0)
    return Translations(compiled)


class Texts:
    """One language outside a request: mails, jobs, the command line, and what pages build upon."""

    def __init__(self, locale: str, folder: Path = TRANSLATIONS) -> None:
        self.locale = locale
        self.translations = load_translations(locale, folder)
        self._format_locale = _FORMATTED_AS.get(locale, locale)

    def gettext(self, message: str, **variables: object) -> str:
        """The message in this language; `%(name)s` is filled in only where variables are given."""
        text = self.translations.gettext(message)
        return text % variables if variables else text

    def ngettext(self, singular: str, plural: str, num: int, **variables: object) -> str:
        """The form that fits `num`, which the message may use as `%(num)s`."""
        text = self.translations.ngettext(singular, plural, num)
        return text % {"num": num, **variables}

    def format_day(self, day: date, *, weekday: bool = False) -> str:
        """A day in words: "3. november 2026", with its weekday where people plan by it."""
        return dates.format_date(day, "full" if weekday else "long", locale=self._format_locale)

    def format_day_and_month(self, day: date) -> str:
        """A day without its year, where there is little room: "3. november"."""
        return dates.format_skeleton("MMMMd", day, locale=self._format_locale)

    def format_month(self, day: date) -> str:
        """The month of a day, as short as a chart has room for: "feb. 2026"."""
        return dates.format_date(day, "MMM y", locale=self._format_locale)

    def format_moment(self, moment: datetime, zone: tzinfo, *, weekday: bool = False) -> str:
        """A moment on the wall clock of a zone: "3. november 2026 kl. 09.00"."""
        if moment.tzinfo is None:
            raise ValueError("A moment must carry its time zone.")
        day = self.format_day(moment.astimezone(zone).date(), weekday=weekday)
        time = self.format_clock(moment, zone)
        return self.gettext("%(day)s at %(time)s", day=day, time=time)

    def format_clock(self, moment: datetime, zone: tzinfo) -> str:
        """The time of a moment on the wall clock of a zone: "09.00"."""
        return dates.format_time(moment, "short", tzinfo=zone, locale=self._format_locale)

    def format_number(self, value: float) -> str:
        """A number with the decimal sign of the language: 24,5 in Danish, 24.5 in English."""
        return _format_number(value, self._format_locale)

    def install(self, environment: "Environment") -> None:
        """Give a plain Jinja environment this language, as pages have it, and `locale`."""
        environment.add_extension("jinja2.ext.i18n")
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            self.translations.gettext,
            self.translations.ngettext,
            newstyle=True,
            pgettext=self.translations.pgettext,
            npgettext=self.translations.npgettext,
        )
        environment.globals["locale"] = self.locale


@lru_cache(maxsize=1000)
def _format_number(value: float, locale: str) -> str:
    return numbers.format_decimal(value, locale=locale)


@cache
def translations_for(locale: str, folder: Path = TRANSLATIONS) -> Texts:
    """The texts of a locale, read once."""
    return Texts(locale, folder)

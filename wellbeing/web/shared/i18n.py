"""The language of a page: Flask-Babel upon wellbeing.texts, so that pages and mails agree."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from babel.support import Translations
from flask import Flask, g, has_app_context, request
from flask_babel import Babel, Domain, get_babel, get_locale, gettext, ngettext, pgettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from wellbeing.texts import (
    SOURCE_LOCALE,
    TRANSLATIONS,
    Texts,
    available_locales,
    own_names,
    translations_for,
)

__all__ = [
    "_",
    "available_locales",
    "current_texts",
    "format_clock",
    "format_day",
    "format_moment",
    "format_month",
    "format_number",
    "gettext",
    "init_i18n",
    "lazy_gettext",
    "ngettext",
    "own_names",
    "pgettext",
    "translations_for",
]


_KEPT = "wellbeing_texts"
_NO_BABEL = SimpleNamespace()


class LazyText(LazyString):  # type: ignore[misc]
    """A text translated when it is shown, and escaped there like any other text."""

    def __html__(self) -> Markup:
        return escape(str(self))


def lazy_gettext(message: str, **variables: object) -> LazyText:
    """The message in the language of whoever reads it; for labels made before a request."""
    return LazyText(gettext, message, **variables)


_ = lazy_gettext


class PartsDomain(Domain):  # type: ignore[misc]
    """All .po files of a locale as one domain, without compiled files on disk."""

    def __init__(self, folder: Path = TRANSLATIONS) -> None:
        super().__init__(translation_directories=str(folder))
        self.folder = folder

    def texts(self) -> Texts:
        """The texts of the request's language."""
        locale: Any = get_locale()
        return translations_for(str(locale) if locale else SOURCE_LOCALE, self.folder)

    def get_translations(self) -> Translations:
        """The merged translations of the request's language."""
        return self.texts().translations


class FormTexts:
    """What WTForms says by itself, out of our own words: it brings no Danish."""

    def ugettext(self, message: str) -> str:
        """The message in the request's language."""
        return current_texts().gettext(message)

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        """The form that fits `num`, places still open: WTForms fills them in."""
        return current_texts().translations.ngettext(singular, plural, num)


def init_i18n(
    app: Flask,
    default_locale: str,
    select_locale: Callable[[], str | None],
    folder: Path = TRANSLATIONS,
) -> None:
    """Give the app its languages; reads every .po now, so a malformed one stops the start."""
    for locale in available_locales(folder):
        translations_for(locale, folder)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    babel = Babel()
    babel.init_app(app, default_locale=default_locale, locale_selector=select_locale)
    babel.domain_instance = PartsDomain(folder)
    # As Flask-Babel installs them, but the language of a request is found once, not at each text.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: current_texts().translations.gettext(message),
        lambda one, many, n: current_texts().translations.ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, message: current_texts().translations.pgettext(context, message),
    )
    app.jinja_env.filters.update(
        format_clock=format_clock,
        format_day=format_day,
        format_moment=format_moment,
        format_month=format_month,
        format_number=format_number,
    )
    app.before_request(_give_forms_our_words)


def current_texts() -> Texts:
    """The texts of the request's language; English outside a request."""
    if not has_app_context():
        return translations_for(SOURCE_LOCALE)
    # A page asks for fifty texts. Flask-Babel keeps the locale of a request here, and puts another
    # one here where a part of a page is in another language.
    babel = vars(g.get("_flask_babel", _NO_BABEL))
    locale, kept = babel.get("babel_locale"), babel.get(_KEPT)
    if kept and kept[0] is locale:
        found: Texts = kept[1]
        return found
    texts: Texts = get_babel().instance.domain_instance.texts()
    setattr(g._flask_babel, _KEPT, (get_locale(), texts))
    return texts


def format_day(day: date, *, weekday: bool = False) -> str:
    """A day in the request's language: "3. november 2026"."""
    return current_texts().format_day(day, weekday=weekday)


def format_month(day: date) -> str:
    """The month of a day, short: "feb. 2026"."""
    return current_texts().format_month(day)


def format_moment(moment: datetime, zone: tzinfo, *, weekday: bool = False) -> str:
    """An aware moment on a zone's wall clock: "3. november 2026 kl. 09.00"."""
    return current_texts().format_moment(moment, zone, weekday=weekday)


def format_clock(moment: datetime, zone: tzinfo) -> str:
    """The time of an aware moment on a zone's wall clock: "09.00" in Danish, "09:00" in English."""
    return current_texts().format_clock(moment, zone)


def format_number(value: float) -> str:
    """A number with the decimal sign of the request's language."""
    return current_texts().format_number(value)


def _give_forms_our_words() -> None:
    # Flask-WTF looks for this attribute before it loads the catalogue that WTForms ships.
    request.wtforms_translations = FormTexts()  # type: ignore[attr-defined]

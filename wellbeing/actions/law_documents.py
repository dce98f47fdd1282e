"""The documents that the law asks for, with the organisation's own facts in them.

Their words are in config/law, one folder a language; what the program knows better (periods,
cookies, what employees are told) is made from where the program itself reads it. What only the
organisation can say stands in square brackets until a setting says it.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wellbeing.domain.retention_periods import in_language, load_retention_table
from wellbeing.resources import folder
from wellbeing.settings import Settings
from wellbeing.texts import Texts

LANGUAGES = ("da", "en")
_UNSAID = {
    "da": "[udfyldes: {what}]",
    "en": "[to fill in: {what}]",
}
_WHAT = {
    "organisation": {"da": "organisationens navn", "en": "name of the organisation"},
    "controller": {"da": "kontaktoplysninger", "en": "contact details"},
    "dpo": {"da": "databeskyttelsesrådgiveren", "en": "the data-protection officer"},
    "legal_basis": {
        "da": "artikler i databeskyttelsesforordningen",
        "en": "articles of the GDPR",
    },
}
_HEADS: dict[str, dict[str, tuple[str, ...]]] = {
    "rows": {"da": ("Hvad", "Hvor længe", "Hvorfor"), "en": ("What", "How long", "Why")},
    "kept": {"da": ("Tabeller", "Hvorfor"), "en": ("Tables", "Why")},
}
_NOTICE = (
    "{% from 'shared/data_notice.html' import second_layer %}"
    "{{ second_layer(notice, organisation) }}"
)
_TERM = re.compile(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", re.DOTALL)
_PLACE = re.compile(r"\{(\w+)\}")
_TAG = re.compile(r"<[^>]+>")


def make_documents(settings: Settings, language: str) -> dict[str, str]:
    """Every document of a language as Markdown, by file name."""
    facts = _facts(settings, language)
    return {
        path.name: _PLACE.sub(lambda found: facts[found[1]], path.read_text(encoding="utf-8"))
        for path in sorted((folder("config") / "law" / language).glob("*.md"))
    }


def write_documents(settings: Settings, out: Path) -> list[Path]:
    """Writes all of them into a folder a language; the files written."""
    written = []
    for language in LANGUAGES:
        (out / language).mkdir(parents=True, exist_ok=True)
        for name, text in make_documents(settings, language).items():
            path = out / language / name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def load_cookies() -> list[dict[str, Any]]:
    """What config/law/cookies.toml says."""
    path = folder("config") / "law" / "cookies.toml"
    kept: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["kept"]
    return kept


def _facts(settings: Settings, language: str) -> dict[str, str]:
    default = Settings.model_fields["organisation"].default
    is_named = settings.organisation != default
    said = {
        "organisation": settings.organisation if is_named else "",
        "controller": settings.controller_contact,
        "dpo": settings.dpo_contact,
        "legal_basis": settings.legal_basis.get(language, ""),
    }
    facts = {name: value or _unsaid(name, language) for name, value in said.items()}
    return {
        **facts,
        "leaving_months": str(settings.leaving_months),
        "deletion_log_days": str(settings.deletion_log_days),
        "link_hours": str(settings.link_hours),
        "retention_table": _retention_table(settings, language),
        "kept_table": _kept_table(language),
        "cookies": _cookies(language),
        "notice": _notice(settings, facts["organisation"], language),
    }


def _unsaid(name: str, language: str) -> str:
    return _UNSAID[language].format(what=_WHAT[name][language])


def _retention_table(settings: Settings, language: str) -> str:
    values = settings.model_dump()
    rows = (
        (
            in_language(row.what, language),
            row.say_how_long(language, values),
            in_language(row.why, language),
        )
        for row in load_retention_table().rows
    )
    return _table(_HEADS["rows"][language], rows)


def _kept_table(language: str) -> str:
    rows = (
        (", ".join(f"`{table}`" for table in kept.tables), in_language(kept.why, language))
        for kept in load_retention_table().kept
    )
    return _table(_HEADS["kept"][language], rows)


def _cookies(language: str) -> str:
    return "\n".join(
        f"| `{kept['name']}` | {kept['what'][language]} | {kept['how_long'][language]} |"
        for kept in load_cookies()
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _notice(settings: Settings, organisation: str, language: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")), undefined=StrictUndefined, autoescape=True
    )
    Texts(language).install(environment)
    notice = {
        "controller_contact": settings.controller_contact,
        "dpo_contact": settings.dpo_contact,
        "legal_basis": settings.legal_basis.get(language, ""),
    }
    html = environment.from_string(_NOTICE).render(notice=notice, organisation=organisation)
    terms = ((_plain(term), _plain(said)) for term, said in _TERM.findall(html))
    return "\n\n".join(f"**{_ended(term)}** {said}" for term, said in terms)


def _ended(term: str) -> str:
    return term if term.endswith("?") else f"{term}."


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())

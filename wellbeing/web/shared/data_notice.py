"""What people are told about their data under article 13 of the GDPR, in the workplace's words."""

from dataclasses import dataclass

from wellbeing.domain.retention_periods import in_language, load_retention_table
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import services


@dataclass(frozen=True, slots=True)
class DataNotice:
    """What only the workplace can say; "" where it has not said it yet."""

    controller_contact: str
    dpo_contact: str
    legal_basis: str


def current_notice() -> DataNotice:
    """In the language of the page; a legal basis in one language only is shown in that one."""
    settings, said = services().settings, services().settings.legal_basis
    legal_basis = said.get(current_texts().locale) or next(iter(said.values()), "")
    return DataNotice(settings.controller_contact, settings.dpo_contact, legal_basis)


def current_retention() -> list[tuple[str, str]]:
    """What is stored and until when, row by row, in the language of the page."""
    language, settings = current_texts().locale, services().settings.model_dump()
    return [
        (in_language(row.what, language), row.say_how_long(language, settings))
        for row in load_retention_table().rows
    ]

"""What people are told about their data under article 13 of the GDPR, in the workplace's words."""

from dataclasses import dataclass

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

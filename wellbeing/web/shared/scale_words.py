"""What the scales are called on every page, and the order they come in."""

from wellbeing.domain.instrument import Scale
from wellbeing.web.shared.i18n import _, pgettext

PAGE_ORDER = (Scale.BO, Scale.STS, Scale.CS)
SCALE_NAMES = {
    Scale.BO: _("Burnout"),
    Scale.STS: _("Secondary traumatic stress"),
    Scale.CS: _("Compassion satisfaction"),
}


def say_short(scale: Scale) -> str:
    """What a scale is called where there is little room."""
    if scale is Scale.CS:
        return str(pgettext("short", "Compassion satisfaction"))
    return str(SCALE_NAMES[scale])

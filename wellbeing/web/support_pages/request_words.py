"""What can be asked for, in words."""

from wellbeing.store.incidents import RequestWish
from wellbeing.web.shared.i18n import _

WISHES = {
    RequestWish.TALK: _("A talk about how I am"),
    RequestWish.INDIVIDUAL_SUPERVISION: _("Individual supervision"),
    RequestWish.DEFUSING: _("A defusing talk after something hard"),
    RequestWish.CRISIS_HELP: _("Crisis help"),
}

"""The forms in which support is offered."""

from enum import StrEnum


class SupportForm(StrEnum):
    """A form of support; the last three need no session with a supervisor."""

    TEAM_SUPERVISION = "team_supervision"
    INDIVIDUAL_SUPERVISION = "individual_supervision"
    PEER_SUPERVISION = "peer_supervision"
    OPEN_SUPERVISION = "open_supervision"
    DEFUSING = "defusing"
    DEBRIEFING = "debriefing"
    CRISIS_HELP = "crisis_help"
    FIRST_AID = "first_aid"
    FOLLOW_UP = "follow_up"
    TEAM_CONVERSATION = "team_conversation"


WITHOUT_SESSION = frozenset(
    {SupportForm.FIRST_AID, SupportForm.FOLLOW_UP, SupportForm.TEAM_CONVERSATION}
)
SESSION_FORMS = tuple(form for form in SupportForm if form not in WITHOUT_SESSION)

"""The themes a session record may name: the short list a new organisation begins with."""

MAX_THEME_LENGTH = 80
MOST_ACTIVE_THEMES = 20
# Danish, because they are the organisation's own words from the first day on, for HR to change.
FIRST_THEMES = (
    "Arbejdspres og prioritering",
    "Roller og forventninger",
    "Samarbejde i teamet",
    "Vold og trusler",
    "Traumatiske oplevelser",
    "Nærhed og afstand til borgerne",
    "Etiske dilemmaer",
    "Magt og indflydelse",
    "Forandringer på arbejdspladsen",
    "Det, der giver arbejdet mening",
)

"""Opens the rounds whose opening has come."""

from jobs.context import JobContext
from wellbeing.actions.opening import find_due_to_open, open_round
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.store.reach import Reach


def open_due_rounds(context: JobContext) -> str:
    """Each round in a transaction of its own; one that must wait is left for the next run."""
    now, by = context.clock(), Actor.job("open-rounds")
    with context.database.reading(Reach.EVERYTHING) as session:
        due = find_due_to_open(session, now=now)
    opened, waiting = 0, []
    for round_id in due:
        try:
            with context.database.writing(Reach.EVERYTHING) as session:
                zone = context.settings.zone
                opened += open_round(
                    session, round_id, keys=context.keys, zone=zone, now=now, by=by
                )
        except Refused as refusal:
            waiting.append(str(refusal))
    return " ".join([f"{opened} opened.", *waiting])

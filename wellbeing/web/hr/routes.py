"""HR's front page: what to do next, and the sessions to come."""

from flask import render_template

from wellbeing.store.support import SessionState
from wellbeing.web.hr import (
    effect_routes,
    incident_routes,
    key_routes,
    ledger_files,
    ledger_routes,
    letter_routes,
    menu,
    programme_routes,
    queries,
    record_routes,
    reference_routes,
    request_routes,
    schedule_routes,
    series_routes,
    snooze_routes,
    structure_routes,
    supervision_routes,
    supervisor_routes,
    support_routes,
    theme_routes,
)
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, today
from wellbeing.web.hr.request_routes import count_waiting
from wellbeing.web.hr.structure_queries import find_waiting
from wellbeing.web.shared.services import actor, reading, services

__all__ = [
    "blueprint",
    "effect_routes",
    "incident_routes",
    "key_routes",
    "ledger_files",
    "ledger_routes",
    "letter_routes",
    "menu",
    "programme_routes",
    "record_routes",
    "reference_routes",
    "request_routes",
    "schedule_routes",
    "series_routes",
    "snooze_routes",
    "structure_routes",
    "supervision_routes",
    "supervisor_routes",
    "support_routes",
    "theme_routes",
]


@blueprint.get("/hr")
def home() -> Page:
    """What to do next, then the sessions to come and those held lately."""
    now = services().now()
    with reading() as db:
        scope = scope_of(db)
        sessions = queries.find_all_sessions(db, scope)
        ahead = [s for s in sessions if s.state is SessionState.SCHEDULED and s.ends_at > now]
        raised = queries.find_raised(db, scope, ahead, today=today())
        return render_template(
            "hr/home.html",
            flags=[flag for flag in raised if not flag.snoozed_until],
            snoozed=queries.list_snoozed(raised),
            ahead=ahead,
            unrecorded=[
                s for s in sessions if s.state is SessionState.SCHEDULED and s.ends_at <= now
            ],
            held=[s for s in sessions if s.state is SessionState.HELD][
                : -queries.HELD_SHOWN - 1 : -1
            ],
            stopped=[r for r in queries.find_rounds(db, scope, now=now) if r.stopped_because],
            needs_programme=scope.is_whole and not queries.find_programmes(db),
            waiting=find_waiting(db, by=actor(), now=now) if scope.is_whole else None,
            form_words=form_words(),
            support=count_waiting(db, scope),
            open_incidents=incident_routes.count_open(db),
        )

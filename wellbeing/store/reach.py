"""How far a connection reaches: the tables it may read or write, by name.

The database itself refuses the rest: PostgreSQL through roles and grants, SQLite through an
authoriser on the connection. Imports cannot see raw SQL; this wall can.
"""

from enum import StrEnum


class Reach(StrEnum):
    """A set of grants; `everything` is for jobs and the command line only."""

    EVERYTHING = "everything"
    SIGN_IN = "sign_in"
    EMPLOYEE = "employee"
    LEADER = "leader"
    WORKPLACE = "workplace"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    PROVISIONING = "provisioning"
    API = "api"


READ = frozenset({"SELECT"})
APPEND = frozenset({"SELECT", "INSERT"})
CHANGE = frozenset({"SELECT", "UPDATE"})
REMOVE = frozenset({"SELECT", "DELETE"})
KEEP = frozenset({"SELECT", "INSERT", "UPDATE"})
WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

_PUBLISHED = (
    "published_round",
    "published_group",
    "published_group_unit",
    "published_figure",
    "published_rollup",
    "published_rollup_group",
    "published_withheld",
)
_ORGANISATION = (
    "unit",
    "membership",
    "reporting_group",
    "reporting_group_unit",
    "structure_approval",
    "programme",
    "level_reference",
    "pause",
    "round",
    "round_unit",
    "round_wording",
    "imported_wording",
)
# Of a unit or of everybody: nothing here says who asked for support, booked or was affected.
_SUPPORT = (
    "offer",
    "support_session",
    "session_feedback",
    "theme",
    "session_theme",
    "session_action",
    "supervisor",
    "availability",
    "availability_exception",
    "place",
    "session_series",
    "incident",
)
_SUPPORT_OF_PEOPLE = ("booking", "support_request", "incident_affected")


def _each(tables: tuple[str, ...], privileges: frozenset[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(tables, privileges)


_SAY = {"audit_event": APPEND, "outbox_message": APPEND}
_WHO = {"person": READ, "role_grant": READ}

GRANTS: dict[Reach, dict[str, frozenset[str]]] = {
    Reach.SIGN_IN: {
        **_SAY,
        **_each(_ORGANISATION, READ),
        "person": CHANGE,
        "role_grant": READ,
        "credential": WRITE,
        "sign_in_link": WRITE,
        "sign_in_session": WRITE,
        "authenticator_app": WRITE,
        "sign_in_recovery_code": WRITE,
        "sign_in_passkey": WRITE,
        "external_identity": WRITE,
        "key_holder": READ,
        "api_token": READ,
        "check_in_code": READ,
        "rate_count": WRITE,
    },
    Reach.EMPLOYEE: {
        **_SAY,
        **_each(_ORGANISATION, READ),
        **_each(_PUBLISHED, READ),
        **_each(_SUPPORT, READ),
        **_each(_SUPPORT_OF_PEOPLE, WRITE),
        "flag": READ,
        "offer": KEEP,
        "support_session": KEEP,
        "session_feedback": KEEP,
        "incident": KEEP,
        "calendar_feed": WRITE,
        "person": CHANGE,
        "bounced_address": READ,
        "role_grant": READ,
        "participation": WRITE,
        "ballot": WRITE,
        "check_in_code": CHANGE,
        "diary_key": WRITE,
        "diary_passkey": WRITE,
        "diary_entry": WRITE,
    },
    Reach.LEADER: {
        **_SAY,
        **_WHO,
        **_each(_ORGANISATION, READ),
        **_each(_PUBLISHED, READ),
        **_each(_SUPPORT, READ),
        "flag": READ,
        "offer": KEEP,
        "session_action": CHANGE,
        "incident": KEEP,
        "key_holder": WRITE,
    },
    Reach.WORKPLACE: {
        **_SAY,
        **_WHO,
        **_each(_ORGANISATION, READ),
        **_each(_PUBLISHED, READ),
        **_each(_SUPPORT, KEEP),
        **_each(_SUPPORT_OF_PEOPLE, WRITE),
        "session_feedback": READ,
        "session_theme": WRITE,
        "session_action": WRITE,
        "availability": WRITE,
        "availability_exception": WRITE,
        "flag": CHANGE,
        "reporting_group": WRITE,
        "reporting_group_unit": WRITE,
        "structure_approval": APPEND,
        "level_reference": APPEND,
        "programme": KEEP,
        "check_in_code": KEEP,
        "pause": WRITE,
        "round": KEEP,
        "key_holder": WRITE,
    },
    Reach.SUPERVISOR: {
        **_SAY,
        **_WHO,
        **_each(_ORGANISATION, READ),
        "offer": CHANGE,
        "support_session": CHANGE,
        "booking": READ,
        "session_feedback": READ,
        "theme": READ,
        "session_theme": WRITE,
        "session_action": WRITE,
        "place": READ,
        "session_series": READ,
        "supervisor": KEEP,
        "availability": WRITE,
        "availability_exception": WRITE,
    },
    Reach.ADMIN: {
        **_SAY,
        "unit": READ,
        "membership": READ,
        "person": CHANGE,
        "bounced_address": REMOVE,
        "role_grant": WRITE,
        "sign_in_link": WRITE,
        "sign_in_session": WRITE,
        "authenticator_app": REMOVE,
        "sign_in_recovery_code": REMOVE,
        "sign_in_passkey": REMOVE,
        "external_identity": REMOVE,
        "reporting_group": READ,
        "api_token": KEEP,
        "webhook": WRITE,
        "webhook_delivery": REMOVE,
        "audit_checkpoint": READ,
        "imported_wording": KEEP,
        "round": READ,
        "round_wording": READ,
        "job_claim": READ,
    },
    Reach.PROVISIONING: {
        **_SAY,
        "unit": READ,
        "membership": KEEP,
        "person": KEEP,
        "role_grant": REMOVE,
        "sign_in_link": CHANGE | REMOVE,
        "sign_in_session": REMOVE,
        "api_token": CHANGE,
    },
    # Other systems read what is published, and of support that it happens: no person, no theme, no
    # agreement, no answer to whether it was useful.
    Reach.API: {
        "audit_event": APPEND,
        **_each(_PUBLISHED, READ),
        "flag": READ,
        "offer": READ,
        "support_session": READ,
        "unit": READ,
        "reporting_group": READ,
        "reporting_group_unit": READ,
        "round": READ,
        "round_unit": READ,
        "api_token": CHANGE,
    },
}


# What a process of an area needs beside SIGN_IN, which every process needs.
REACH_OF_AREA = {
    "employee": Reach.EMPLOYEE,
    "leader": Reach.LEADER,
    "hr": Reach.WORKPLACE,
    "supervisor": Reach.SUPERVISOR,
    "admin": Reach.ADMIN,
    "provisioning": Reach.PROVISIONING,
    "api": Reach.API,
}


def role_name(reach: Reach, schema: str = "") -> str:
    """The PostgreSQL role of a reach; with many organisations, of that reach in one's schema.

    There EVERYTHING is a role too: the owner of the schema, which reaches into no other.
    """
    if not schema:
        return f"wellbeing_{reach.value}"
    return schema if reach is Reach.EVERYTHING else f"wellbeing_{reach.value}_in_{schema}"

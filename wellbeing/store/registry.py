"""Every table and column of the database with its data class; nothing may go unclassified."""

from enum import StrEnum

from sqlalchemy import MetaData

from wellbeing.store import (
    accounts,
    audit,
    incidents,
    org,
    personal,
    published,
    supervision,
    support,
    webhooks,
)
from wellbeing.store.base import Base

__all__ = ["CLASSIFIED", "DataClass", "all_tables", "unclassified_columns"]


class DataClass(StrEnum):
    """How freely a column may travel; `personal` never leaves its owner's pages and the tally."""

    ACCOUNTS = "accounts"
    ORGANISATIONAL = "organisational"
    PERSONAL = "personal"
    PUBLISHED = "published"
    SUPPORT = "support"
    AUDIT = "audit"
    SECRET = "secret"  # nosec B105  # a name, no secret


_A, _O, _P = DataClass.ACCOUNTS, DataClass.ORGANISATIONAL, DataClass.PERSONAL
_F, _S, _L, _X = DataClass.PUBLISHED, DataClass.SUPPORT, DataClass.AUDIT, DataClass.SECRET

CLASSIFIED: dict[str, dict[DataClass, str]] = {
    accounts.Person.__tablename__: {
        _A: "id employee_number sealed_name sealed_email email_index sealed_mobile language status"
        " reminders_stopped left_at external_id"
    },
    accounts.BouncedAddress.__tablename__: {_A: "person_id email_index reason since"},
    accounts.Credential.__tablename__: {_A: "person_id", _X: "password_hash"},
    accounts.SignInLink.__tablename__: {
        _A: "person_id purpose expires_at used_at",
        _X: "secret_hash",
    },
    accounts.SignInSession.__tablename__: {
        _A: "id person_id started_at expires_at round_id device awaits_second_factor"
        " confirmed_at provider_session",
        _X: "secret_hash",
    },
    accounts.AuthenticatorApp.__tablename__: {
        _A: "person_id is_confirmed last_step",
        _X: "sealed_secret",
    },
    accounts.SignInRecoveryCode.__tablename__: {_A: "person_id", _X: "code_hash"},
    accounts.SignInPasskey.__tablename__: {
        _A: "id person_id credential_id public_key sign_count transports name added_on"
    },
    accounts.ExternalIdentity.__tablename__: {_A: "issuer subject person_id"},
    accounts.ApiToken.__tablename__: {
        _A: "id name scope unit_id made_at expires_at revoked_at used_on",
        _X: "secret_hash",
    },
    accounts.CheckInCode.__tablename__: {_A: "round_id person_id", _X: "code_hash"},
    accounts.RoleGrant.__tablename__: {_A: "id person_id role unit_id"},
    accounts.KeyHolder.__tablename__: {
        _A: "person_id duty public_key made_on",
        _X: "locked_by_code",
    },
    accounts.RateCount.__tablename__: {_A: "key_hash count expires_at"},
    org.Unit.__tablename__: {_O: "id parent_id name closed_on"},
    org.Membership.__tablename__: {_O: "id person_id unit_id from_day until_day"},
    org.ReportingGroup.__tablename__: {_O: "id parent_unit_id name"},
    org.ReportingGroupUnit.__tablename__: {_O: "unit_id group_id"},
    org.StructureApproval.__tablename__: {_O: "digest approved_by approved_at"},
    org.Programme.__tablename__: {
        _O: "id name instrument every_months window_days opening_time reminder_days"
        " min_group_size active occupation two_keys"
    },
    org.LevelReference.__tablename__: {_O: "id sample chosen_at mean answers"},
    org.Pause.__tablename__: {_O: "id from_day until_day reason"},
    org.Round.__tablename__: {
        _O: "id programme_id number state opens_at closes_at min_group_size public_key"
        " stopped_because unit_id two_keys"
    },
    org.RoundUnit.__tablename__: {_O: "round_id unit_id parent_unit_id path pooled"},
    org.RoundWording.__tablename__: {_O: "round_id locale wording_id sha256 occupation"},
    org.ImportedWording.__tablename__: {
        _O: "id locale instrument sha256 document source state imported_at imported_by decided_at"
        " decided_by"
    },
    personal.Participation.__tablename__: {_P: "round_id person_id reporting_unit_id done"},
    personal.Ballot.__tablename__: {_P: "id round_id unit_id sealed mac"},
    personal.DiaryKey.__tablename__: {_P: "person_id public_key locked_by_code locked_by_recovery"},
    personal.DiaryPasskey.__tablename__: {_P: "id person_id credential_id salt locked"},
    personal.DiaryEntry.__tablename__: {_P: "id person_id sealed"},
    published.PublishedRound.__tablename__: {
        _F: "round_id number closed_on instrument wording min_group_size key_destroyed_at"
    },
    published.PublishedGroup.__tablename__: {
        _F: "id round_id unit_id kind label size response_class"
    },
    published.PublishedGroupUnit.__tablename__: {_F: "group_id unit_id unit_path"},
    published.PublishedFigure.__tablename__: {
        _F: "id group_id rollup_id scale point kind low high"
    },
    published.PublishedRollup.__tablename__: {_F: "id round_id unit_id unit_path"},
    published.PublishedRollupGroup.__tablename__: {_F: "rollup_id group_id"},
    published.PublishedWithheld.__tablename__: {_F: "round_id unit_id unit_path reason group_id"},
    published.Flag.__tablename__: {
        _F: "id unit_id round_id rule_id kind figures state raised_on closed_because"
        " snoozed_until snoozed_because"
    },
    incidents.Incident.__tablename__: {
        _S: "id unit_id kind happened_on registered_on registered_by affected_count sealed_details"
        " closed_on round_id"
    },
    incidents.IncidentAffected.__tablename__: {_S: "incident_id person_id"},
    incidents.SupportRequest.__tablename__: {
        _S: "id person_id sealed_wish sealed_contact asked_on offer_id delete_on"
    },
    supervision.Supervisor.__tablename__: {
        _S: "person_id is_external qualifications forms sessions_a_week video_link"
    },
    supervision.Availability.__tablename__: {
        _S: "id supervisor_id weekday from_time until_time from_day until_day"
    },
    supervision.AvailabilityException.__tablename__: {
        _S: "id supervisor_id from_day until_day from_time until_time"
    },
    supervision.Place.__tablename__: {_S: "id name seats active"},
    supervision.SessionSeries.__tablename__: {
        _S: "id unit_id form supervisor_id place_id every_weeks first_day until_day start"
        " length_minutes"
    },
    supervision.CalendarFeed.__tablename__: {_S: "person_id made_at", _X: "secret_hash"},
    support.Offer.__tablename__: {
        _S: "id unit_id flag_id incident_id form state offered_on due_on held_on"
        " owner_id closed_because"
    },
    support.SupportSession.__tablename__: {
        _S: "id offer_id supervisor_id starts_at ends_at place place_id video_link seats series_id"
        " state sequence attended_count minutes_held next_on feedback_until delete_on"
    },
    support.Booking.__tablename__: {
        _S: "session_id person_id starts_at ends_at state position feedback_given"
    },
    support.SessionFeedback.__tablename__: {_S: "session_id useful count"},
    support.Theme.__tablename__: {_S: "id name active"},
    support.SessionTheme.__tablename__: {_S: "session_id theme_id"},
    support.SessionAction.__tablename__: {_S: "id session_id what owner due_on done_on"},
    audit.AuditEvent.__tablename__: {_L: "number at by act subject details previous_hash hash"},
    audit.AuditCheckpoint.__tablename__: {_L: "number hash removed made_at"},
    audit.OutboxMessage.__tablename__: {
        _L: "id once_key kind person_id round_id session_id context state due_at expires_at"
        " attempts"
    },
    audit.JobClaim.__tablename__: {_L: "job slot"},
    webhooks.Webhook.__tablename__: {
        _A: "id name url unit_id events made_at started_at delivered_at off_at",
        _X: "sealed_secret",
    },
    webhooks.WebhookSeen.__tablename__: {_S: "subject_id state"},
    webhooks.WebhookDelivery.__tablename__: {_S: "id webhook_id body made_at due_at attempts"},
}


def all_tables() -> MetaData:
    """The metadata with every table loaded."""
    return Base.metadata


def unclassified_columns() -> set[str]:
    """Columns that are in the database but not classified, or the other way round."""
    known = {
        f"{table}.{column}"
        for table, classes in CLASSIFIED.items()
        for columns in classes.values()
        for column in columns.split()
    }
    present = {f"{t.name}.{c.name}" for t in Base.metadata.tables.values() for c in t.columns}
    return known ^ present

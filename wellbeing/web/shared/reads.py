"""What each page shows of others, and as what it is written down that somebody opened it.

One table for every address there is, like the policy: a page that is in neither half fails a test.
What somebody opens for themselves, and which employee looks at the figures of their own unit, is
not written down: who asks, books, answers or only wonders would stand there.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shows(StrEnum):
    """A kind of data, by the act that the log has for reading it."""

    FIGURES = "figures.read"
    FILE = "figures.taken"
    SUPPORT = "support.read"
    SUPPORT_FILE = "support.taken"
    INCIDENTS = "incidents.read"
    PRIVATE_TALKS = "talks.read"
    LOG = "audit_log.read"


class Of(StrEnum):
    """Whom a page is about, and so what the log names: the argument it takes, or a reach."""

    UNIT = "unit_id"
    FLAG = "flag_id"
    OFFER = "offer_id"
    SESSION = "session_id"
    SERIES = "series_id"
    INCIDENT = "incident_id"
    REACH = "all units in reach"
    EVERYTHING = "the whole organisation"
    OWN_SESSIONS = "the sessions that whoever asks leads"
    LOG = "the log"


@dataclass(frozen=True, slots=True)
class Read:
    """Opening the page is an event of each kind of data that it shows."""

    of: Of
    shows: tuple[Shows, ...]


OWN = "Only what belongs to whoever asks."
OWN_UNIT = "What every employee of the unit may look at; which of them does is nobody's business."
EVERYBODY = "The same for everybody, with nothing of a person or a unit's figures."
NO_DATA = "Rules, dates, places, wordings, keys: neither figures nor support that somebody got."
DIRECTORY = "The staff list and the units: neither figures nor support."
ACT = "Answers with a redirect; the act itself is an event."
DEMO = "Only in the demo, with invented people."

READS: dict[str, Read | str] = {
    "static": EVERYBODY,
    "shared.sign_in": OWN,
    "shared.forgot_password": OWN,
    "shared.set_password": OWN,
    "shared.set_language": OWN,
    "shared.code": OWN,
    "shared.code_link": OWN,
    "shared.kiosk": EVERYBODY,
    "shared.privacy": EVERYBODY,
    "shared.accessibility": EVERYBODY,
    "shared.stop_reminders": OWN,
    "shared.health": EVERYBODY,
    "shared.ready": EVERYBODY,
    "shared.metrics": NO_DATA,
    "shared.leave": EVERYBODY,
    "shared.sign_out": OWN,
    "shared.add_own_passkey": OWN,
    "shared.change_password": OWN,
    "shared.confirm": OWN,
    "shared.end_all_sign_ins": OWN,
    "shared.end_one_sign_in": OWN,
    "shared.end_other_sign_ins": OWN,
    "shared.new_app": OWN,
    "shared.new_app_qr": OWN,
    "shared.passkey_question": OWN,
    "shared.provider": OWN,
    "shared.provider_ended": OWN,
    "shared.provider_leave": OWN,
    "shared.provider_left": OWN,
    "shared.provider_return": OWN,
    "shared.remove_own_app": OWN,
    "shared.remove_own_passkey": OWN,
    "shared.rename_own_passkey": OWN,
    "shared.renew_recovery_codes": OWN,
    "shared.second_factor": OWN,
    "shared.security": OWN,
    "shared.set_up_factor": OWN,
    "shared.set_up_passkey": OWN,
    "shared.set_up_picture": OWN,
    "shared.sign_in_by_passkey": OWN,
    "shared.signed_in_again": OWN,
    "shared.what_if": EVERYBODY,
    "shared.conversation": EVERYBODY,
    "shared.conversation_pdf": EVERYBODY,
    "shared.outbox": DEMO,
    "employee.home": OWN,
    "employee.checkin": OWN,
    "employee.receipt": OWN,
    "employee.diary": OWN,
    "employee.start_diary": OWN,
    "employee.delete_diary": OWN,
    "employee.delete_diary_entry": OWN,
    "employee.export_diary": OWN,
    "employee.change_diary_code": OWN,
    "employee.renew_recovery_code": OWN,
    "employee.add_diary_passkey": OWN,
    "employee.remove_diary_passkey": OWN,
    "employee.my_unit": OWN_UNIT,
    "employee.my_unit_chart": OWN_UNIT,
    "employee.my_unit_pdf": OWN_UNIT,
    "employee.my_unit_effects": OWN_UNIT,
    "employee.my_unit_support": OWN_UNIT,
    "employee.me": OWN,
    "employee.log": OWN,
    "employee.data": OWN,
    "employee.data_json": OWN,
    "employee.data_pdf": OWN,
    "employee.erase_data": OWN,
    "employee.sessions": OWN,
    "employee.calendar": OWN,
    "employee.make_calendar_address": OWN,
    "employee.revoke_calendar_address": OWN,
    "employee.calendar_feed": OWN,
    "employee.anonymity": EVERYBODY,
    "employee.anonymity_report": EVERYBODY,
    "employee.anonymity_pdf": EVERYBODY,
    "employee.flag_rules": EVERYBODY,
    "employee.support": OWN,
    "employee.take_back_request": OWN,
    "employee.session_useful": OWN,
    "employee.register_incident": OWN,
    "employee.incidents": OWN_UNIT,
    "employee.incident_affected": OWN,
    "leader.units": Read(Of.REACH, (Shows.FIGURES,)),
    "leader.unit": Read(Of.UNIT, (Shows.FIGURES,)),
    "leader.unit_pdf": Read(Of.UNIT, (Shows.FILE,)),
    "leader.chart": Read(Of.UNIT, (Shows.FIGURES,)),
    "leader.figures_csv": Read(Of.UNIT, (Shows.FILE,)),
    "leader.figures_workbook": Read(Of.UNIT, (Shows.FILE,)),
    "leader.effects": Read(Of.UNIT, (Shows.FIGURES, Shows.SUPPORT)),
    "leader.apv": Read(Of.UNIT, (Shows.FIGURES, Shows.SUPPORT, Shows.INCIDENTS)),
    "leader.apv_pdf": Read(Of.UNIT, (Shows.FILE, Shows.SUPPORT, Shows.INCIDENTS)),
    "leader.apv_workbook": Read(Of.UNIT, (Shows.FILE, Shows.SUPPORT, Shows.INCIDENTS)),
    "leader.conversation": Read(Of.UNIT, (Shows.SUPPORT,)),
    "leader.take_back_conversation": ACT,
    "leader.ledger": Read(Of.UNIT, (Shows.SUPPORT,)),
    "leader.wish": Read(Of.UNIT, (Shows.SUPPORT,)),
    "leader.take_on": ACT,
    "leader.close_wish": ACT,
    "leader.reopen_wish": ACT,
    "leader.finish_action": ACT,
    "leader.keys": NO_DATA,
    "leader.incidents": Read(Of.UNIT, (Shows.INCIDENTS,)),
    "leader.incident": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "leader.incident_step": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "leader.correct_incident": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "leader.close_incident": ACT,
    "hr.home": Read(Of.REACH, (Shows.FIGURES, Shows.SUPPORT)),
    "hr.rounds": NO_DATA,
    "hr.keys": NO_DATA,
    "hr.set_two_keys": ACT,
    "hr.new_programme": NO_DATA,
    "hr.open_round": ACT,
    "hr.letters": NO_DATA,
    "hr.occupation": NO_DATA,
    "hr.flag": Read(Of.FLAG, (Shows.FIGURES,)),
    "hr.close_flag": Read(Of.FLAG, (Shows.FIGURES,)),
    "hr.snooze_flag": Read(Of.FLAG, (Shows.FIGURES,)),
    "hr.wake_flag": ACT,
    "hr.reopen_flag": ACT,
    "hr.schedule": Read(Of.FLAG, (Shows.FIGURES, Shows.SUPPORT)),
    "hr.session": Read(Of.SESSION, (Shows.SUPPORT,)),
    "hr.cancel_session": ACT,
    "hr.record_session": Read(Of.SESSION, (Shows.SUPPORT,)),
    "hr.reference": Read(Of.EVERYTHING, (Shows.FIGURES,)),
    "hr.choose_reference": ACT,
    "hr.schedule_offer": Read(Of.OFFER, (Shows.SUPPORT,)),
    "hr.move_session": Read(Of.SESSION, (Shows.SUPPORT,)),
    "hr.supervision": Read(Of.REACH, (Shows.SUPPORT,)),
    "hr.places": NO_DATA,
    "hr.place": NO_DATA,
    "hr.supervisors": NO_DATA,
    "hr.supervisor": NO_DATA,
    "hr.new_series": NO_DATA,
    "hr.series": Read(Of.SERIES, (Shows.SUPPORT,)),
    "hr.cancel_series": ACT,
    "hr.ledger": Read(Of.REACH, (Shows.SUPPORT,)),
    "hr.ledger_csv": Read(Of.REACH, (Shows.SUPPORT_FILE,)),
    "hr.ledger_workbook": Read(Of.REACH, (Shows.SUPPORT_FILE,)),
    "hr.offer": Read(Of.OFFER, (Shows.SUPPORT,)),
    "hr.set_owner": Read(Of.OFFER, (Shows.SUPPORT,)),
    "hr.close_offer": Read(Of.OFFER, (Shows.SUPPORT,)),
    "hr.reopen_offer": ACT,
    "hr.hold_offer": Read(Of.OFFER, (Shows.SUPPORT,)),
    "hr.mark_action": ACT,
    "hr.requests": Read(Of.REACH, (Shows.PRIVATE_TALKS,)),
    "hr.arrange_request": ACT,
    "hr.finish_request": ACT,
    "hr.themes": NO_DATA,
    "hr.rename_theme": NO_DATA,
    "hr.set_theme_active": ACT,
    "hr.incidents": Read(Of.REACH, (Shows.INCIDENTS,)),
    "hr.incident": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "hr.incident_step": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "hr.correct_incident": Read(Of.INCIDENT, (Shows.INCIDENTS,)),
    "hr.close_incident": ACT,
    "hr.plan_extra_round": ACT,
    "hr.effects": Read(Of.EVERYTHING, (Shows.FIGURES,)),
    "hr.structure": DIRECTORY,
    "hr.form_group": DIRECTORY,
    "hr.dissolve_group": ACT,
    "hr.approve_structure": DIRECTORY,
    "supervisor.sessions": Read(Of.OWN_SESSIONS, (Shows.SUPPORT,)),
    "supervisor.availability": NO_DATA,
    "supervisor.record_session": Read(Of.OWN_SESSIONS, (Shows.SUPPORT,)),
    "provisioning.scim": DIRECTORY,
    "api.openapi": EVERYBODY,
    "api.units": DIRECTORY,
    "api.figures": Read(Of.REACH, (Shows.FILE,)),
    "api.unit_figures": Read(Of.UNIT, (Shows.FILE,)),
    "api.ledger": Read(Of.REACH, (Shows.SUPPORT_FILE,)),
    "api.nothing": EVERYBODY,
    "admin.people": DIRECTORY,
    "admin.send_link": ACT,
    "admin.disable": ACT,
    "admin.enable": ACT,
    "admin.reset_second_factor": ACT,
    "admin.resume_mail": ACT,
    "admin.resume_all_mail": ACT,
    "admin.unlink": ACT,
    "admin.erase_person": ACT,
    "admin.keep_person": ACT,
    "admin.wordings": NO_DATA,
    "admin.wording": NO_DATA,
    "admin.wording_example": NO_DATA,
    "admin.approve_wording": ACT,
    "admin.refuse_wording": ACT,
    "admin.retire_wording": ACT,
    "admin.webhooks": DIRECTORY,
    "admin.switch_webhook_on": ACT,
    "admin.remove_webhook": ACT,
    "admin.audit": Read(Of.LOG, (Shows.LOG,)),
    "admin.status": NO_DATA,
}

"""Who may reach which page: one table, deny by default. An endpoint not named here is a 404.

A role opens the page, not what is on it: every page that takes an id asks again whether this
person may see that very thing.
"""

from uuid import UUID

from wellbeing.domain.roles import Role

PUBLIC: frozenset[Role] = frozenset()
SIGNED_IN = frozenset({Role.EMPLOYEE})
UNIT_READERS = frozenset({Role.LEADER, Role.SAFETY_REPRESENTATIVE, Role.HR})
UNIT_WRITERS = frozenset({Role.LEADER, Role.HR})
LEADERS = frozenset({Role.LEADER})
SAFETY_REPRESENTATIVES = frozenset({Role.SAFETY_REPRESENTATIVE})
HR = frozenset({Role.HR})
STRUCTURE_READERS = frozenset({Role.HR, Role.SAFETY_REPRESENTATIVE, Role.DPO})
SUPERVISORS = frozenset({Role.SUPERVISOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
AUDITORS = frozenset({Role.ADMINISTRATOR, Role.DPO})

POLICY: dict[str, frozenset[Role]] = {
    "static": PUBLIC,
    "shared.sign_in": PUBLIC,
    "shared.sign_in_by_passkey": PUBLIC,
    "shared.passkey_question": PUBLIC,
    # Open to whoever is half signed in; to everybody else they say what to do.
    "shared.second_factor": PUBLIC,
    "shared.set_up_factor": PUBLIC,
    "shared.set_up_picture": PUBLIC,
    "shared.set_up_passkey": PUBLIC,
    "shared.provider": PUBLIC,
    "shared.provider_return": PUBLIC,
    "shared.provider_ended": PUBLIC,
    "shared.provider_leave": PUBLIC,
    "shared.provider_left": PUBLIC,
    "shared.signed_in_again": SIGNED_IN,
    "shared.forgot_password": PUBLIC,
    "shared.set_password": PUBLIC,
    "shared.set_language": PUBLIC,
    "shared.code": PUBLIC,
    "shared.code_link": PUBLIC,
    "shared.kiosk": PUBLIC,
    "shared.privacy": PUBLIC,
    "shared.what_if": PUBLIC,
    "shared.accessibility": PUBLIC,
    "shared.stop_reminders": PUBLIC,
    "shared.health": PUBLIC,
    "shared.ready": PUBLIC,
    # Another system, with a token of its own: no person, no browser.
    "shared.metrics": PUBLIC,
    "shared.leave": PUBLIC,
    "shared.sign_out": SIGNED_IN,
    "shared.security": SIGNED_IN,
    "shared.end_one_sign_in": SIGNED_IN,
    "shared.end_other_sign_ins": SIGNED_IN,
    "shared.end_all_sign_ins": SIGNED_IN,
    "shared.confirm": SIGNED_IN,
    "shared.change_password": SIGNED_IN,
    "shared.new_app": SIGNED_IN,
    "shared.new_app_qr": SIGNED_IN,
    "shared.remove_own_app": SIGNED_IN,
    "shared.renew_recovery_codes": SIGNED_IN,
    "shared.add_own_passkey": SIGNED_IN,
    "shared.rename_own_passkey": SIGNED_IN,
    "shared.remove_own_passkey": SIGNED_IN,
    "shared.conversation": SIGNED_IN,
    "shared.conversation_pdf": SIGNED_IN,
    "shared.outbox": PUBLIC,
    "employee.home": SIGNED_IN,
    "employee.checkin": SIGNED_IN,
    "employee.receipt": SIGNED_IN,
    "employee.diary": SIGNED_IN,
    "employee.start_diary": SIGNED_IN,
    "employee.delete_diary": SIGNED_IN,
    "employee.delete_diary_entry": SIGNED_IN,
    "employee.export_diary": SIGNED_IN,
    "employee.change_diary_code": SIGNED_IN,
    "employee.renew_recovery_code": SIGNED_IN,
    "employee.add_diary_passkey": SIGNED_IN,
    "employee.remove_diary_passkey": SIGNED_IN,
    "employee.my_unit": SIGNED_IN,
    "employee.my_unit_chart": SIGNED_IN,
    "employee.my_unit_pdf": SIGNED_IN,
    "employee.my_unit_effects": SIGNED_IN,
    "employee.me": SIGNED_IN,
    "employee.log": SIGNED_IN,
    "employee.data": SIGNED_IN,
    "employee.data_json": SIGNED_IN,
    "employee.data_pdf": SIGNED_IN,
    "employee.erase_data": SIGNED_IN,
    "employee.sessions": SIGNED_IN,
    "employee.calendar": SIGNED_IN,
    "employee.make_calendar_address": SIGNED_IN,
    "employee.revoke_calendar_address": SIGNED_IN,
    "employee.calendar_feed": PUBLIC,
    "employee.anonymity": SIGNED_IN,
    "employee.anonymity_report": SIGNED_IN,
    "employee.anonymity_pdf": SIGNED_IN,
    "employee.flag_rules": SIGNED_IN,
    "employee.support": SIGNED_IN,
    "employee.take_back_request": SIGNED_IN,
    "employee.my_unit_support": SIGNED_IN,
    "employee.session_useful": SIGNED_IN,
    "employee.register_incident": SIGNED_IN,
    "employee.incidents": SIGNED_IN,
    "employee.incident_affected": SIGNED_IN,
    "leader.units": UNIT_READERS,
    "leader.unit": UNIT_READERS,
    "leader.unit_pdf": UNIT_READERS,
    "leader.chart": UNIT_READERS,
    "leader.effects": UNIT_READERS,
    "leader.apv": UNIT_READERS,
    "leader.apv_pdf": UNIT_READERS,
    "leader.apv_workbook": UNIT_READERS,
    "leader.conversation": UNIT_WRITERS,
    "leader.take_back_conversation": UNIT_WRITERS,
    "leader.ledger": UNIT_READERS,
    "leader.wish": LEADERS,
    "leader.take_on": LEADERS,
    "leader.close_wish": LEADERS,
    "leader.reopen_wish": LEADERS,
    "leader.finish_action": LEADERS,
    "leader.keys": SAFETY_REPRESENTATIVES,
    "leader.incidents": UNIT_READERS,
    "leader.incident": UNIT_READERS,
    "leader.incident_step": LEADERS,
    "leader.correct_incident": LEADERS,
    "leader.close_incident": LEADERS,
    "hr.home": HR,
    "hr.rounds": HR,
    "hr.new_programme": HR,
    "hr.open_round": HR,
    "hr.letters": HR,
    "hr.keys": HR,
    "hr.set_two_keys": HR,
    "hr.occupation": HR,
    "hr.flag": HR,
    "hr.close_flag": HR,
    "hr.snooze_flag": HR,
    "hr.wake_flag": HR,
    "hr.reopen_flag": HR,
    "hr.schedule": HR,
    "hr.session": HR,
    "hr.cancel_session": HR,
    "hr.record_session": HR,
    "hr.reference": HR,
    "hr.choose_reference": HR,
    "hr.schedule_offer": HR,
    "hr.move_session": HR,
    "hr.supervision": HR,
    "hr.places": HR,
    "hr.place": HR,
    "hr.supervisors": HR,
    "hr.supervisor": HR,
    "hr.new_series": HR,
    "hr.series": HR,
    "hr.cancel_series": HR,
    "hr.ledger": HR,
    "hr.offer": HR,
    "hr.set_owner": HR,
    "hr.close_offer": HR,
    "hr.reopen_offer": HR,
    "hr.hold_offer": HR,
    "hr.mark_action": HR,
    "hr.requests": HR,
    "hr.arrange_request": HR,
    "hr.finish_request": HR,
    "hr.themes": HR,
    "hr.rename_theme": HR,
    "hr.set_theme_active": HR,
    "hr.incidents": HR,
    "hr.incident": HR,
    "hr.incident_step": HR,
    "hr.correct_incident": HR,
    "hr.close_incident": HR,
    "hr.plan_extra_round": HR,
    "hr.effects": HR,
    "hr.structure": STRUCTURE_READERS,
    "hr.form_group": HR,
    "hr.dissolve_group": HR,
    "hr.approve_structure": STRUCTURE_READERS,
    "supervisor.sessions": SUPERVISORS,
    "supervisor.availability": SUPERVISORS,
    "supervisor.record_session": SUPERVISORS,
    "admin.people": ADMINISTRATORS,
    "admin.send_link": ADMINISTRATORS,
    "admin.disable": ADMINISTRATORS,
    "admin.reset_second_factor": ADMINISTRATORS,
    "admin.enable": ADMINISTRATORS,
    "admin.unlink": ADMINISTRATORS,
    "admin.erase_person": ADMINISTRATORS,
    "admin.keep_person": ADMINISTRATORS,
    "admin.wordings": ADMINISTRATORS,
    "admin.wording": ADMINISTRATORS,
    "admin.wording_example": ADMINISTRATORS,
    "admin.approve_wording": ADMINISTRATORS,
    "admin.refuse_wording": ADMINISTRATORS,
    "admin.retire_wording": ADMINISTRATORS,
    "admin.audit": AUDITORS,
    "admin.status": ADMINISTRATORS,
    # Another system, with a token of its own: no person, no browser.
    "provisioning.scim": PUBLIC,
}


# What a one-time code opens beside the pages that are open to everybody: one check-in, and no role.
BY_CODE = frozenset({"employee.checkin", "employee.receipt", "shared.sign_out"})


def opens_by_code(endpoint: str | None, asked_for: UUID | None, round_id: UUID) -> bool:
    """Whether a code of this round opens the endpoint; `asked_for` is the round in the address."""
    return endpoint in BY_CODE and asked_for in (None, round_id)


def can_open(endpoint: str | None, roles: frozenset[Role]) -> bool:
    """Whether somebody with these roles (none: not signed in) may reach the endpoint."""
    if endpoint is None or endpoint not in POLICY:
        return False
    needed = POLICY[endpoint]
    return needed is PUBLIC or not needed.isdisjoint(roles)

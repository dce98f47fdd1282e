"""Who may open what: every address for every role. Ids that belong to others: test_ids.py."""

from uuid import uuid4

import pytest

from tests.cast import PASSWORD, WHO_PLAYS, email_of
from tests.web.browser import Browser
from tests.web.conftest import MakeApp
from tests.web.walls.asking import ids_for, outcome, rules_of
from tests.web.walls.world import BY_CODE, World, played_by
from wellbeing.domain.roles import Role
from wellbeing.web.shared.policy import POLICY

EVERYBODY = frozenset({None, *Role})
EMPLOYEES = frozenset(Role)
READERS = frozenset({Role.LEADER, Role.SAFETY_REPRESENTATIVE, Role.HR})
WRITERS = frozenset({Role.LEADER, Role.HR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
APPROVERS = frozenset({Role.HR, Role.SAFETY_REPRESENTATIVE, Role.DPO})

# The whole table once more, on purpose: a change of the policy has to be made, and seen, twice.
# None is a stranger. Whoever is not named gets 404; a stranger is sent to the sign-in page.
EXPECTED: dict[str, frozenset[Role | None]] = {
    "static": EVERYBODY,
    "shared.sign_in": EVERYBODY,
    "shared.sign_in_by_passkey": EVERYBODY,
    "shared.passkey_question": EVERYBODY,
    "shared.second_factor": EVERYBODY,
    "shared.set_up_factor": EVERYBODY,
    "shared.set_up_picture": EVERYBODY,
    "shared.set_up_passkey": EVERYBODY,
    "shared.provider": EVERYBODY,
    "shared.provider_return": EVERYBODY,
    "shared.provider_ended": EVERYBODY,
    "shared.provider_leave": EVERYBODY,
    "shared.provider_left": EVERYBODY,
    "shared.signed_in_again": EMPLOYEES,
    "shared.forgot_password": EVERYBODY,
    "shared.set_password": EVERYBODY,
    "shared.set_language": EVERYBODY,
    "shared.code": EVERYBODY,
    "shared.code_link": EVERYBODY,
    "shared.kiosk": EVERYBODY,
    "shared.privacy": EVERYBODY,
    "shared.what_if": EVERYBODY,
    "shared.accessibility": EVERYBODY,
    "shared.stop_reminders": EVERYBODY,
    "shared.health": EVERYBODY,
    "shared.ready": EVERYBODY,
    "shared.metrics": EVERYBODY,
    "shared.outbox": EVERYBODY,
    "shared.leave": EVERYBODY,
    "shared.sign_out": EMPLOYEES,
    "shared.security": EMPLOYEES,
    "shared.end_one_sign_in": EMPLOYEES,
    "shared.end_other_sign_ins": EMPLOYEES,
    "shared.end_all_sign_ins": EMPLOYEES,
    "shared.confirm": EMPLOYEES,
    "shared.change_password": EMPLOYEES,
    "shared.new_app": EMPLOYEES,
    "shared.new_app_qr": EMPLOYEES,
    "shared.remove_own_app": EMPLOYEES,
    "shared.renew_recovery_codes": EMPLOYEES,
    "shared.add_own_passkey": EMPLOYEES,
    "shared.rename_own_passkey": EMPLOYEES,
    "shared.remove_own_passkey": EMPLOYEES,
    "shared.conversation": EMPLOYEES,
    "shared.conversation_pdf": EMPLOYEES,
    "employee.home": EMPLOYEES,
    "employee.checkin": EMPLOYEES,
    "employee.receipt": EMPLOYEES,
    "employee.diary": EMPLOYEES,
    "employee.start_diary": EMPLOYEES,
    "employee.delete_diary": EMPLOYEES,
    "employee.delete_diary_entry": EMPLOYEES,
    "employee.export_diary": EMPLOYEES,
    "employee.change_diary_code": EMPLOYEES,
    "employee.renew_recovery_code": EMPLOYEES,
    "employee.add_diary_passkey": EMPLOYEES,
    "employee.remove_diary_passkey": EMPLOYEES,
    "employee.my_unit": EMPLOYEES,
    "employee.my_unit_chart": EMPLOYEES,
    "employee.my_unit_pdf": EMPLOYEES,
    "employee.my_unit_effects": EMPLOYEES,
    "employee.log": EMPLOYEES,
    "employee.me": EMPLOYEES,
    "employee.data": EMPLOYEES,
    "employee.data_json": EMPLOYEES,
    "employee.data_pdf": EMPLOYEES,
    "employee.erase_data": EMPLOYEES,
    "employee.sessions": EMPLOYEES,
    "employee.calendar": EMPLOYEES,
    "employee.make_calendar_address": EMPLOYEES,
    "employee.revoke_calendar_address": EMPLOYEES,
    "employee.calendar_feed": EVERYBODY,
    "employee.anonymity": EMPLOYEES,
    "employee.anonymity_report": EMPLOYEES,
    "employee.anonymity_pdf": EMPLOYEES,
    "employee.flag_rules": EMPLOYEES,
    "employee.support": EMPLOYEES,
    "employee.take_back_request": EMPLOYEES,
    "employee.my_unit_support": EMPLOYEES,
    "employee.session_useful": EMPLOYEES,
    "employee.register_incident": EMPLOYEES,
    "employee.incidents": EMPLOYEES,
    "employee.incident_affected": EMPLOYEES,
    "leader.units": READERS,
    "leader.unit": READERS,
    "leader.unit_pdf": READERS,
    "leader.chart": READERS,
    "leader.figures_csv": READERS,
    "leader.figures_workbook": READERS,
    "leader.effects": READERS,
    "leader.apv": READERS,
    "leader.apv_pdf": READERS,
    "leader.apv_workbook": READERS,
    "leader.conversation": WRITERS,
    "leader.take_back_conversation": WRITERS,
    "leader.ledger": READERS,
    "leader.wish": frozenset({Role.LEADER}),
    "leader.take_on": frozenset({Role.LEADER}),
    "leader.close_wish": frozenset({Role.LEADER}),
    "leader.reopen_wish": frozenset({Role.LEADER}),
    "leader.finish_action": frozenset({Role.LEADER}),
    "leader.keys": frozenset({Role.SAFETY_REPRESENTATIVE}),
    "leader.incidents": READERS,
    "leader.incident": READERS,
    "leader.incident_step": frozenset({Role.LEADER}),
    "leader.correct_incident": frozenset({Role.LEADER}),
    "leader.close_incident": frozenset({Role.LEADER}),
    "hr.home": frozenset({Role.HR}),
    "hr.rounds": frozenset({Role.HR}),
    "hr.new_programme": frozenset({Role.HR}),
    "hr.open_round": frozenset({Role.HR}),
    "hr.letters": frozenset({Role.HR}),
    "hr.keys": frozenset({Role.HR}),
    "hr.set_two_keys": frozenset({Role.HR}),
    "hr.occupation": frozenset({Role.HR}),
    "hr.flag": frozenset({Role.HR}),
    "hr.close_flag": frozenset({Role.HR}),
    "hr.snooze_flag": frozenset({Role.HR}),
    "hr.wake_flag": frozenset({Role.HR}),
    "hr.reopen_flag": frozenset({Role.HR}),
    "hr.schedule": frozenset({Role.HR}),
    "hr.session": frozenset({Role.HR}),
    "hr.cancel_session": frozenset({Role.HR}),
    "hr.record_session": frozenset({Role.HR}),
    "hr.reference": frozenset({Role.HR}),
    "hr.choose_reference": frozenset({Role.HR}),
    "hr.schedule_offer": frozenset({Role.HR}),
    "hr.move_session": frozenset({Role.HR}),
    "hr.supervision": frozenset({Role.HR}),
    "hr.places": frozenset({Role.HR}),
    "hr.place": frozenset({Role.HR}),
    "hr.supervisors": frozenset({Role.HR}),
    "hr.supervisor": frozenset({Role.HR}),
    "hr.new_series": frozenset({Role.HR}),
    "hr.series": frozenset({Role.HR}),
    "hr.cancel_series": frozenset({Role.HR}),
    "hr.ledger": frozenset({Role.HR}),
    "hr.ledger_csv": frozenset({Role.HR}),
    "hr.ledger_workbook": frozenset({Role.HR}),
    "hr.offer": frozenset({Role.HR}),
    "hr.set_owner": frozenset({Role.HR}),
    "hr.close_offer": frozenset({Role.HR}),
    "hr.reopen_offer": frozenset({Role.HR}),
    "hr.hold_offer": frozenset({Role.HR}),
    "hr.mark_action": frozenset({Role.HR}),
    "hr.requests": frozenset({Role.HR}),
    "hr.arrange_request": frozenset({Role.HR}),
    "hr.finish_request": frozenset({Role.HR}),
    "hr.themes": frozenset({Role.HR}),
    "hr.rename_theme": frozenset({Role.HR}),
    "hr.set_theme_active": frozenset({Role.HR}),
    "hr.incidents": frozenset({Role.HR}),
    "hr.incident": frozenset({Role.HR}),
    "hr.incident_step": frozenset({Role.HR}),
    "hr.correct_incident": frozenset({Role.HR}),
    "hr.close_incident": frozenset({Role.HR}),
    "hr.plan_extra_round": frozenset({Role.HR}),
    "hr.effects": frozenset({Role.HR}),
    "hr.structure": APPROVERS,
    "hr.form_group": frozenset({Role.HR}),
    "hr.dissolve_group": frozenset({Role.HR}),
    "hr.approve_structure": APPROVERS,
    "supervisor.sessions": frozenset({Role.SUPERVISOR}),
    "supervisor.availability": frozenset({Role.SUPERVISOR}),
    "supervisor.record_session": frozenset({Role.SUPERVISOR}),
    "admin.people": ADMINISTRATOR,
    "admin.send_link": ADMINISTRATOR,
    "admin.disable": ADMINISTRATOR,
    "admin.reset_second_factor": ADMINISTRATOR,
    "admin.enable": ADMINISTRATOR,
    "admin.resume_mail": ADMINISTRATOR,
    "admin.resume_all_mail": ADMINISTRATOR,
    "admin.unlink": ADMINISTRATOR,
    "admin.erase_person": ADMINISTRATOR,
    "admin.keep_person": ADMINISTRATOR,
    "admin.wordings": ADMINISTRATOR,
    "admin.wording": ADMINISTRATOR,
    "admin.wording_example": ADMINISTRATOR,
    "admin.approve_wording": ADMINISTRATOR,
    "admin.refuse_wording": ADMINISTRATOR,
    "admin.retire_wording": ADMINISTRATOR,
    "provisioning.scim": EVERYBODY,
    "api.openapi": EVERYBODY,
    "api.units": EVERYBODY,
    "api.figures": EVERYBODY,
    "api.unit_figures": EVERYBODY,
    "api.ledger": EVERYBODY,
    "api.nothing": EVERYBODY,
    "admin.webhooks": ADMINISTRATOR,
    "admin.switch_webhook_on": ADMINISTRATOR,
    "admin.remove_webhook": ADMINISTRATOR,
    "admin.audit": frozenset({Role.ADMINISTRATOR, Role.DPO}),
    "admin.status": ADMINISTRATOR,
}


# What is only there where the workplace has a sign-in of its own; here it has none.
WITH_PROVIDER = {
    "shared.provider": "nothing here",
    "shared.provider_return": "nothing here",
    "shared.provider_ended": "nothing here",
    "shared.provider_leave": "sign in first",
    "shared.provider_left": "sign in first",
}


@pytest.mark.asvs("8.1.1", "8.2.1")
def test_every_address_is_in_the_policy_and_every_policy_has_an_address(world: World) -> None:
    assert {rule.endpoint for rule in world.app.url_map.iter_rules()} == set(POLICY)


def test_every_policy_is_expected_here() -> None:
    assert set(EXPECTED) == set(POLICY)


def test_every_role_is_played_by_somebody() -> None:
    assert set(WHO_PLAYS) == set(Role)


@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.parametrize("area", ["static", "shared", "employee", "leader", "hr", "others"])
def test_an_address_opens_for_whom_it_is_meant_and_for_nobody_else(area: str, world: World) -> None:
    found, expected = {}, {}
    for endpoint in (e for e in EXPECTED if area_of(e) == area):
        for rule, method in rules_of(world.app, endpoint):
            place = "organisation" if area == "employee" else "team_a"
            path = world.address(rule, ids_for(world, rule, place))
            for role in (None, *Role):
                answer = world.send(played_by(role), path) if method == "POST" else None
                answer = answer or world.ask(played_by(role), path, method)
                found[endpoint, method, role] = outcome(answer)
                denied = "nothing here" if role else "sign in first"
                denied = WITH_PROVIDER.get(endpoint, denied)
                opens = "sign in first" if endpoint == "shared.sign_out" else "opens"
                is_meant = role in EXPECTED[endpoint] and endpoint not in WITH_PROVIDER
                expected[endpoint, method, role] = opens if is_meant else denied
    assert found
    assert found == expected


def area_of(endpoint: str) -> str:
    """A part of the table that is about as long as the other parts."""
    area = endpoint.split(".")[0]
    return area if area in {"static", "shared", "employee", "leader", "hr"} else "others"


def test_the_outbox_of_the_demo_is_nowhere_else(make_app: MakeApp) -> None:
    Browser(make_app(demo=False)).get("/demo/outbox", 404)


def test_an_area_can_run_without_the_others(make_app: MakeApp) -> None:
    browser = Browser(make_app(areas=("admin",), second_factor_roles=frozenset(), demo=True))
    browser.post("/sign-in", {"email": email_of("Adam"), "password": PASSWORD})
    assert "Adam Ravn" in browser.get("/admin").text
    browser.get("/hr", 404)


# A one-time code opens what everybody may open, its own check-in, and the way out.
OPENS_BY_CODE = {"employee.checkin", "employee.receipt", "shared.sign_out"}


@pytest.mark.asvs("8.2.1", "8.2.2")
def test_a_one_time_code_opens_its_check_in_and_no_other_address(world: World) -> None:
    found, expected = {}, {}
    for endpoint in EXPECTED:
        for rule, method in rules_of(world.app, endpoint):
            path = world.address(rule, ids_for(world, rule, "team_a"))
            send = world.send if method == "POST" else world.ask
            answer = send(BY_CODE, path)
            found[endpoint, method] = outcome(answer)
            is_open = EXPECTED[endpoint] == EVERYBODY or endpoint in OPENS_BY_CODE
            expected[endpoint, method] = "opens" if is_open else "nothing here"
            expected[endpoint, method] = WITH_PROVIDER.get(endpoint, expected[endpoint, method])
            if endpoint == "employee.home":
                assert answer.location == f"/check-in/{world.rounds['open']}"
                expected[endpoint, method] = "opens"  # it only leads to the check-in
    assert len(found) > 100
    assert found == expected


@pytest.mark.asvs("8.2.2")
def test_a_one_time_code_opens_the_check_in_of_no_other_round(world: World) -> None:
    for other in (world.rounds["planned"], world.rounds["published"], uuid4()):
        for path in (f"/check-in/{other}", f"/check-in/{other}/receipt"):
            assert world.ask(BY_CODE, path).status_code == 404
            assert world.send(BY_CODE, path).status_code == 404
    assert world.ask(BY_CODE, f"/check-in/{world.rounds['open']}").status_code == 200

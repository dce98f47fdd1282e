"""Incidents on the pages: who sees what, what is refused, and that twice sent is once sent."""

from collections.abc import Callable
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.cast import WHO_PLAYS, Cast
from tests.rounds import BY, STEADY, ZONE, RoundRunner
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.seed import add_incident
from wellbeing.actions.incident_affected import say_affected
from wellbeing.actions.opening import open_round
from wellbeing.domain.incident_timeline import STEPS
from wellbeing.domain.incidents import ClosingReason, IncidentKind
from wellbeing.domain.off_cycle import NoRoundReason
from wellbeing.domain.roles import Role
from wellbeing.settings import Settings
from wellbeing.store.incidents import Incident, IncidentAffected
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState
from wellbeing.web.support_pages.incident_words import ABOUT, KINDS, NO_ROUND, REASONS

SECRET = "der blev kastet en stol"
EITHER = pytest.mark.parametrize("language", ["da", "en"])
Seed = Callable[..., UUID]


@pytest.fixture
def seed(database: Database, cast: Cast, clock: Clock) -> Seed:
    """An incident with details; Tom has said that he was affected."""

    def add(unit: str = "team_a") -> UUID:
        with database.writing(Reach.EVERYTHING) as session:
            made = add_incident(session, cast.units[unit], now=clock.now(), details=SECRET)
            say_affected(session, made, person_id=cast.people["Tom"])
            return made

    return add


def filled(cast: Cast, clock: Clock, **changed: str) -> dict[str, str]:
    """What a person sends: a threat in team A today."""
    return {
        "form_id": uuid4().hex,
        "unit": str(cast.units["team_a"]),
        "kind": "threat",
        "happened_on": clock.now().date().isoformat(),
        "affected_count": "2",
        "details": "Vi var alene på vagt.",
        **changed,
    }


def count(database: Database, table: type[Incident] | type[Offer]) -> int:
    """How many rows there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@EITHER
@on_both_databases
def test_an_employee_registers_and_sees_what_happens_now(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database, language: str
) -> None:
    eva = client_of("Eva", language=language)
    eva.get("/incidents/new")
    sent = eva.post("/incidents/new", filled(cast, clock, affected_me="y"))
    assert sent.location.endswith("/incidents")
    shown = eva.get("/incidents").text
    assert ("Psykisk førstehjælp" if language == "da" else "Psychological first aid") in shown
    assert "Vi var alene" not in shown
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(IncidentAffected.person_id)).one() == cast.people["Eva"]
        assert session.scalars(select(Incident.registered_by)).one() is None


def test_sending_the_form_twice_registers_once(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database
) -> None:
    eva, data = client_of("Eva"), filled(cast, clock)
    for _ in range(3):
        assert eva.post("/incidents/new", data).location.endswith("/incidents")
    assert count(database, Incident) == 1
    assert count(database, Offer) == 4


@pytest.mark.parametrize("number", ["010190-1234", "0101901234", "610190 1234"])
@pytest.mark.parametrize("field", ["details", "affected_count", "unit", "kind", "form_id"])
def test_a_person_number_is_refused_in_every_field_and_what_was_typed_is_kept(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database, field: str, number: str
) -> None:
    data = filled(cast, clock, **{field: number, "names_ok": "y"})
    page = client_of("Eva").post("/incidents/new", data, 422)
    assert count(database, Incident) == 0
    if field != "details":
        assert "Vi var alene på vagt." in unescape(page.html)
    else:
        assert "cpr-nummer" in page.text
        assert number in page.html


def test_a_name_is_asked_about_once_and_can_be_confirmed(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database
) -> None:
    eva, data = client_of("Eva"), filled(cast, clock, details="Peter Hansen råbte.")
    page = eva.post("/incidents/new", data, 422)
    assert "Er det navnet på en borger: Peter Hansen?" in page.text
    assert 'name="names_ok"' in page.html
    assert count(database, Incident) == 0
    eva.post("/incidents/new", {**data, "names_ok": "y"})
    assert count(database, Incident) == 1


def test_a_colleague_s_registration_is_pointed_out_once(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database
) -> None:
    client_of("Eva").post("/incidents/new", filled(cast, clock))
    tom, data = client_of("Tom"), filled(cast, clock)
    assert "Er det den samme?" in tom.post("/incidents/new", data, 422).text
    assert count(database, Incident) == 1
    tom.post("/incidents/new", {**data, "is_another": "y"})
    assert count(database, Incident) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"unit": ""},
        {"unit": "x"},
        {"kind": "party"},
        {"happened_on": "2030-01-01"},
        {"happened_on": "i går"},
        {"affected_count": "-1"},
        {"affected_count": "mange"},
        {"details": "x" * 1001},
        {"form_id": "x"},
        {"form_id": ""},
    ],
)
def test_what_cannot_be_is_shown_again_and_nothing_stored(
    client_of: ClientOf, cast: Cast, clock: Clock, database: Database, changed: dict[str, str]
) -> None:
    client_of("Eva").post("/incidents/new", filled(cast, clock, **changed), 422)
    assert count(database, Incident) == 0


@pytest.mark.parametrize(
    ("name", "unit", "status"),
    [
        ("Eva", "team_b", 422),
        ("Eva", "department_1", 422),
        ("Lis", "team_a", 302),
        ("Lis", "team_b", 422),
        ("Hugo", "team_b", 302),
        ("Hugo", "team_a", 422),
        ("Hanne", "team_c", 302),
        ("Sara", "team_a", 302),
    ],
)
def test_each_registers_for_their_own_units_only(
    client_of: ClientOf, cast: Cast, clock: Clock, name: str, unit: str, status: int
) -> None:
    data = filled(cast, clock, unit=str(cast.units[unit]))
    client_of(name).post("/incidents/new", data, status)


def test_whoever_belongs_to_no_unit_is_told_whom_to_ask(client_of: ClientOf) -> None:
    assert "Du hører ikke til en enhed" in client_of("Susan").get("/incidents/new").text


@pytest.mark.asvs("8.2.3")
@on_both_databases
@EITHER
def test_the_leader_reads_what_was_written_and_the_representative_does_not(
    client_of: ClientOf, seed: Seed, cast: Cast, language: str
) -> None:
    incident_id, unit = seed(), cast.units["team_a"]
    for name, reads in (("Lis", True), ("Sara", False)):
        browser = client_of(name, language=language)
        browser.get(f"/teams/{unit}/incidents")
        page = browser.get(f"/teams/incidents/{incident_id}")
        assert (SECRET in page.html) is reads
        assert ("/step" in page.html) is reads


@pytest.mark.asvs("8.2.3")
def test_only_hr_sees_who_was_affected(client_of: ClientOf, seed: Seed, cast: Cast) -> None:
    incident_id, unit = seed(), cast.units["team_a"]
    paths = (
        "/incidents",
        "/my-unit",
        f"/teams/{unit}",
        f"/teams/{unit}/incidents",
        f"/teams/incidents/{incident_id}",
        "/hr",
        "/hr/incidents",
        f"/hr/incidents/{incident_id}",
    )
    seen = set()
    for role in Role:
        browser = client_of(WHO_PLAYS[role])
        for path in paths:
            page = _visit(browser, path)
            if "Tom Bæk" in page:
                seen.add((role, path))
    assert seen == {(Role.HR, f"/hr/incidents/{incident_id}")}


def test_nobody_reads_what_was_written_but_leader_and_hr(
    client_of: ClientOf, seed: Seed, cast: Cast
) -> None:
    incident_id = seed()
    paths = [f"/{area}/incidents/{incident_id}" for area in ("teams", "hr")]
    readers = set()
    for name in ("Eva", "Tom", "Lis", "Ole", "Sara", "Hanne", "Hugo", "Susan", "Adam", "Dina"):
        browser = client_of(name)
        for path in [*paths, "/incidents", f"{paths[0]}/correct", f"{paths[1]}/correct"]:
            if SECRET in _visit(browser, path):
                readers.add(name)
    assert readers == {"Lis", "Hanne"}


@pytest.mark.parametrize("name", ["Ole", "Hugo", "Susan", "Adam", "Karl"])
def test_a_stranger_to_the_unit_finds_nothing(
    client_of: ClientOf, seed: Seed, cast: Cast, database: Database, name: str
) -> None:
    incident_id, unit = seed(), cast.units["team_a"]
    browser = client_of(name)
    for path in (f"/teams/{unit}/incidents", f"/teams/incidents/{incident_id}"):
        browser.get(path, 404)
    browser.get(f"/hr/incidents/{incident_id}", 404)
    for action in ("step", "close", "correct"):
        for area in ("teams", "hr"):
            browser.post(f"/{area}/incidents/{incident_id}/{action}", {}, 404)
    browser.post(f"/hr/incidents/{incident_id}/check-in", {}, 404)
    browser.post(f"/incidents/{incident_id}/affected", {"go": "affected"}, 404)
    with database.reading(Reach.EVERYTHING) as session:
        states = set(session.scalars(select(Offer.state)))
    assert states == {OfferState.OFFERED}


def test_the_representative_changes_nothing(
    client_of: ClientOf, seed: Seed, database: Database
) -> None:
    incident_id, sara = seed(), client_of("Sara")
    for action in ("step", "close", "correct"):
        sara.post(f"/teams/incidents/{incident_id}/{action}", {"step": "first_aid"}, 404)
    with database.reading(Reach.EVERYTHING) as session:
        assert set(session.scalars(select(Offer.state))) == {OfferState.OFFERED}


@pytest.mark.parametrize(("name", "area"), [("Lis", "teams"), ("Hanne", "hr")])
@EITHER
def test_a_step_is_written_down_put_right_and_closed(
    client_of: ClientOf,
    seed: Seed,
    clock: Clock,
    database: Database,
    name: str,
    area: str,
    language: str,
) -> None:
    incident_id, browser = seed(), client_of(name, language=language)
    today = clock.now().date().isoformat()
    path = f"/{area}/incidents/{incident_id}"
    held = {"step": "first_aid", "go": "held", "first_aid-held_on": today}
    closed = {"step": "debriefing", "go": "close", "debriefing-reason": "not_wanted"}
    for data in (held, held, closed):
        assert browser.post(f"{path}/step", data).location.endswith(path)
    page = browser.get(path).text
    words = {
        "da": ("Givet", "ingen ønskede det"),
        "en": ("Given on", "nobody wanted it"),
    }
    assert all(word in page for word in words[language])
    browser.post(f"{path}/step", {"step": "first_aid", "go": "reopen"})
    with database.reading(Reach.EVERYTHING) as session:
        states = {o.form.value: o.state for o in session.scalars(select(Offer))}
    assert states["first_aid"] is OfferState.OFFERED
    assert states["debriefing"] is OfferState.CLOSED


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"step": "first_aid", "go": "held", "first_aid-held_on": ""}, 422),
        ({"step": "first_aid", "go": "held", "first_aid-held_on": "2031-01-01"}, 422),
        ({"step": "first_aid", "go": "close", "first_aid-reason": ""}, 422),
        ({"step": "first_aid", "go": "close", "first_aid-reason": "mistake"}, 422),
        ({"step": "team_supervision", "go": "held"}, 400),
        ({"step": "x"}, 400),
        ({}, 400),
    ],
)
def test_a_step_that_cannot_be_changes_nothing(
    client_of: ClientOf, seed: Seed, database: Database, data: dict[str, str], status: int
) -> None:
    for name, area in (("Lis", "teams"), ("Hanne", "hr")):
        client_of(name).post(f"/{area}/incidents/{seed()}/step", data, status)
    with database.reading(Reach.EVERYTHING) as session:
        assert set(session.scalars(select(Offer.state))) == {OfferState.OFFERED}


@pytest.mark.parametrize(("name", "area"), [("Lis", "teams"), ("Hanne", "hr")])
def test_what_was_registered_is_put_right(
    client_of: ClientOf, seed: Seed, cast: Cast, clock: Clock, name: str, area: str
) -> None:
    path, browser = f"/{area}/incidents/{seed()}", client_of(name)
    assert SECRET in browser.get(f"{path}/correct").html
    data = filled(cast, clock, kind="violence", details="010190-1234")
    assert "cpr-nummer" in browser.post(f"{path}/correct", data, 422).text
    browser.post(f"{path}/correct", {**data, "details": "Et slag."})
    page = browser.get(path)
    assert "Vold" in page.text
    assert "Et slag." in page.text


def test_a_mistake_is_taken_back_and_seen_by_colleagues_no_more(
    client_of: ClientOf, seed: Seed
) -> None:
    incident_id, lis = seed(), client_of("Lis")
    lis.post(f"/teams/incidents/{incident_id}/close", {"go": "mistake"})
    assert "ved en fejl" in lis.get(f"/teams/incidents/{incident_id}").text
    assert "Trusler" not in client_of("Eva").get("/incidents").text


def test_an_incident_with_a_step_waiting_does_not_close(client_of: ClientOf, seed: Seed) -> None:
    incident_id, lis = seed(), client_of("Lis")
    lis.post(f"/teams/incidents/{incident_id}/close", {"go": "close"})
    page = lis.get(f"/teams/incidents/{incident_id}")
    assert "Et trin venter stadig" in page.text
    assert "/close" in page.html


def test_a_person_says_that_they_were_affected_and_takes_it_back(
    client_of: ClientOf, seed: Seed, cast: Cast, database: Database
) -> None:
    incident_id, eva = seed(), client_of("Eva")
    path = f"/incidents/{incident_id}/affected"
    for go, expected in (("affected", {"Eva", "Tom"}), ("take_back", {"Tom"})):
        for _ in range(2):
            eva.post(path, {"go": go})
        with database.reading(Reach.EVERYTHING) as session:
            found = set(session.scalars(select(IncidentAffected.person_id)))
        assert found == {cast.people[name] for name in expected}


def test_the_front_page_and_the_team_page_lead_to_the_form(client_of: ClientOf, cast: Cast) -> None:
    assert 'href="/incidents/new"' in client_of("Eva").get("/").html
    unit = cast.units["team_a"]
    page = client_of("Lis").get(f"/teams/{unit}").html
    assert f'href="/incidents/new?unit={unit}"' in page
    assert f'href="/teams/{unit}/incidents"' in page


@pytest.fixture
def rounds(database: Database, settings: Settings, clock: Clock, cast: Cast) -> RoundRunner:
    """One round of everyone, published; today is twenty-five days after it opened."""
    runner = RoundRunner(database, settings.data, clock.now())
    first = runner.open()
    for team in ("team_a", "team_b"):
        runner.answer_all(first, cast.members_of(team), STEADY)
    assert runner.publish(first)
    clock.forward(days=25)
    runner.now = clock.now()
    return runner


@EITHER
def test_hr_confirms_the_extra_check_in_on_the_day_shown(
    client_of: ClientOf,
    rounds: RoundRunner,
    seed: Seed,
    cast: Cast,
    clock: Clock,
    database: Database,
    language: str,
) -> None:
    path, hanne = f"/hr/incidents/{seed()}", client_of("Hanne", language=language)
    page = hanne.get(path)
    day = page.html.split('name="on" value="')[1][:10]
    hanne.post(f"{path}/check-in", {"go": "plan", "on": "2031-01-01"})
    assert _extra(database) == []
    for _ in range(2):
        hanne.post(f"{path}/check-in", {"go": "plan", "on": day})
    (planned,) = _extra(database)
    assert planned.opens_at.date().isoformat() == day
    words = {"da": "Ekstra check-in, Anemonen", "en": "Extra check-in, Anemonen"}
    assert words[language] in hanne.get("/hr/rounds").text
    assert words["da"] not in client_of("Hugo").get("/hr/rounds").text
    hanne.post(f"{path}/check-in", {"go": "cancel"})
    assert [found.state for found in _extra(database)] == [RoundState.CANCELLED]


def test_the_extra_round_is_seen_by_those_it_asks_and_by_nobody_else(
    client_of: ClientOf,
    rounds: RoundRunner,
    seed: Seed,
    clock: Clock,
    database: Database,
    cast: Cast,
) -> None:
    path, hanne = f"/hr/incidents/{seed()}", client_of("Hanne")
    others = ("Karl", "Otto", "Ole", "Susan", "Hugo")
    before = {name: _pages_of(client_of(name), cast, name) for name in others}
    day = hanne.get(path).html.split('name="on" value="')[1][:10]
    hanne.post(f"{path}/check-in", {"go": "plan", "on": day})
    (planned,) = _extra(database)
    assert {name: _pages_of(client_of(name), cast, name) for name in others} == before
    clock.moment = rounds.now = planned.opens_at
    _open(rounds, planned.id)
    for name in others:
        client_of(name).get(f"/check-in/{planned.id}", 404)
        assert f"/check-in/{planned.id}" not in client_of(name).get("/").html
    assert f"/check-in/{planned.id}" in client_of("Eva").get("/").html
    rounds.answer_all(planned.id, cast.members_of("team_a"), STEADY)
    assert rounds.publish(planned.id)
    clock.forward(days=16)
    for name in others:
        client_of(name).get(f"/check-in/{planned.id}", 409)
        client_of(name).get(f"/anonymity/{planned.id}", 404)
        after = _pages_of(client_of(name), cast, name)
        assert after == before[name], name
    assert "ekstra check-in" in client_of("Eva").get("/my-unit").text
    client_of("Eva").get(f"/anonymity/{planned.id}")
    client_of("Lis").get(f"/anonymity/{planned.id}")
    client_of("Dina").get(f"/anonymity/{planned.id}")


def test_a_small_unit_is_told_to_talk_instead(
    client_of: ClientOf, rounds: RoundRunner, seed: Seed
) -> None:
    page = client_of("Hanne").get(f"/hr/incidents/{seed('team_c')}")
    assert "for lille til tal" in page.text
    assert 'name="on"' not in page.html


def test_the_trend_says_that_something_was_registered_and_nothing_of_it(
    client_of: ClientOf, rounds: RoundRunner, seed: Seed, cast: Cast
) -> None:
    seed()
    for name, path in (
        ("Lis", f"/teams/{cast.units['team_a']}"),
        ("Eva", "/my-unit"),
    ):
        page = client_of(name).get(path)
        assert "Hændelse registreret: 26. februar 2026." in page.text
        assert SECRET not in page.html
        assert "Trusler" not in page.text
    assert "Hændelse registreret" not in client_of("Karl").get("/my-unit").text


def _extra(database: Database) -> list[Round]:
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(Round).where(Round.unit_id.is_not(None))))


def _open(rounds: RoundRunner, round_id: UUID) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        now = rounds.now
        assert open_round(session, round_id, keys=rounds.keys, zone=ZONE, now=now, by=BY)


def _pages_of(browser: Browser, cast: Cast, name: str) -> list[str]:
    paths = ["/", "/my-unit", "/anonymity"]
    if name in ("Ole", "Hugo"):
        paths.append(f"/teams/{cast.units['team_b']}")
    if name == "Hugo":
        paths += ["/teams", "/hr"]
    return [browser.get(path).text for path in paths]


def _visit(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, base_url=browser.base_url)
    text = answer.get_data(as_text=True)
    answer.close()
    return unescape(text)


def test_every_kind_reason_step_and_obstacle_has_its_words() -> None:
    assert set(KINDS) == set(IncidentKind)
    assert set(REASONS) == set(ClosingReason)
    assert set(ABOUT) == set(STEPS)
    assert set(NO_ROUND) == set(NoRoundReason)
    for reason, words in REASONS.items():
        assert str(words) == reason.value

"""From an incident to its follow-up, in a real browser with real mail."""

from playwright.sync_api import expect
from sqlalchemy import select

from tests.browser.conftest import OpenWindow, Site
from tests.browser.test_walk import check, link_in
from tests.browser.windows import Window
from tests.rounds import STEADY
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach

TELEPHONE = 360


def test_an_incident_is_registered_cared_for_and_followed_up(
    site: Site, window: OpenWindow
) -> None:
    _hold_a_round(site)
    _register(window("Eva", width=TELEPHONE))
    site.forward(minutes=1)
    site.run("deliver-mail")
    lis = window("Lis", width=TELEPHONE)
    address = link_in(site.newest_mail_to("Lis"))
    lis.go(address)
    check(lis)
    _mark_held(lis, 0, "Givet")
    expect(lis.page.locator("main section.card").nth(1)).to_contain_text("Tilbydes senest")
    _plan_the_check_in(window("Hanne"))
    site.forward(days=1)
    _the_next_day(window("Lis", width=TELEPHONE), address)
    _hold_the_check_in(site)
    _follow_up(window("Lis", width=TELEPHONE), address)
    _look_back(window("Eva", width=TELEPHONE))


def _hold_a_round(site: Site) -> None:
    round_id = site.rounds.open()
    for team in ("team_a", "team_b"):
        site.rounds.answer_all(round_id, site.cast.members_of(team), STEADY)
    assert site.rounds.publish(round_id)
    site.forward(days=25)


def _register(eva: Window) -> None:
    eva.go("/")
    eva.press("main a[href='/incidents/new']")
    check(eva)
    eva.page.select_option("[name=kind]", label="Trusler")
    eva.page.fill("[name=affected_count]", "2")
    eva.page.fill("[name=details]", "Borgeren Peter Hansen, 010190-1234, råbte.")
    eva.press("main form button.primary")
    expect(eva.page.locator("main .notice")).to_contain_text("cpr-nummer")
    expect(eva.page.locator("[name=affected_count]")).to_have_value("2")
    eva.page.fill("[name=details]", "Borgeren Peter Hansen råbte.")
    eva.press("main form button.primary")
    expect(eva.page.locator("main .notice")).to_contain_text("Peter Hansen")
    eva.page.fill("[name=details]", "En borger truede os med en kniv.")
    eva.page.check("[name=affected_me]")
    eva.errors.clear()  # the two refusals are answered 422, which a browser logs
    check(eva)
    eva.press("main form button.primary")
    expect(eva.page.locator("h1")).to_have_text("Når der er sket noget svært")
    expect(eva.page.get_by_text("Nu, og senest")).to_be_visible()
    expect(eva.page.get_by_text("Du har sagt, at det gik ud over dig")).to_be_visible()
    check(eva)


def _mark_held(window: Window, place: int, said: str) -> None:
    card = window.page.locator("main section.card").nth(place)
    card.locator("summary").click()
    check(window)
    with window.page.expect_navigation():
        card.locator("button[value=held]").click()
    expect(window.page.locator("main section.card").nth(place)).to_contain_text(said)
    check(window)


def _the_next_day(lis: Window, address: str) -> None:
    lis.go(address)
    _mark_held(lis, 1, "Holdt")
    card = lis.page.locator("main section.card").nth(2)
    card.locator("summary").click()
    card.locator("select").select_option(label="Det blev tilbudt, og ingen ønskede det.")
    with lis.page.expect_navigation():
        card.locator("button[value=close]").click()
    check(lis)


def _plan_the_check_in(hanne: Window) -> None:
    hanne.go("/hr")
    hanne.press("header a[href='/hr/incidents']")
    check(hanne)
    hanne.press("main section.card h2 a")
    expect(hanne.page.get_by_text("Eva Holm")).to_be_visible()
    check(hanne)
    hanne.press("main button[value=plan]")
    expect(hanne.page.get_by_text("Et ekstra check-in for enheden åbner")).to_be_visible()
    check(hanne)


def _hold_the_check_in(site: Site) -> None:
    with site.database.reading(Reach.EVERYTHING) as session:
        extra = session.scalars(select(Round).where(Round.unit_id.is_not(None))).one()
    site.forward(seconds=(extra.opens_at - site.clock.now()).total_seconds())
    site.run("open-rounds", "invite", "deliver-mail")
    assert f"/check-in/{extra.id}" in link_in(site.newest_mail_to("Eva"))
    assert all(f"/check-in/{extra.id}" not in str(mail) for mail in site.mails_to("Karl"))
    site.rounds.answer_all(extra.id, site.cast.members_of("team_a"), STEADY)
    site.forward(days=15)
    site.run("close-and-publish", "announce", "deliver-mail")
    assert site.rounds.state(extra.id) is RoundState.PUBLISHED
    site.forward(days=2)


def _follow_up(lis: Window, address: str) -> None:
    lis.go(address)
    expect(lis.page.get_by_text("Det ekstra check-in er holdt")).to_be_visible()
    _mark_held(lis, 3, "Holdt")
    with lis.page.expect_navigation():
        lis.page.get_by_role("button", name="Afslut hændelsen").click()
    expect(lis.page.get_by_text("Hændelsen er afsluttet.")).to_be_visible()
    check(lis)


def _look_back(eva: Window) -> None:
    eva.go("/incidents")
    for words in ("Givet", "Holdt", "ingen ønskede det"):
        expect(eva.page.locator("main .steps").get_by_text(words).first).to_be_visible()
    check(eva)
    eva.go("/my-unit")
    expect(eva.page.get_by_text("Hændelse registreret").first).to_be_visible()
    expect(eva.page.get_by_text("(ekstra check-in)").first).to_be_visible()
    check(eva)

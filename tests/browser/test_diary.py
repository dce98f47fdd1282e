"""A diary from its first code to a passkey, in a real browser with a made-up authenticator."""

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow, Site
from tests.browser.windows import TELEPHONE, Window
from tests.canaries import sheet_with_sums
from tests.cast import PASSWORD, email_of
from wellbeing.pdf import can_render_pdf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

CODE, NEW_CODE = "måneskin over Anholt", "gule sejl ved molen"
EARLIER, LATER = (40, 20, 15), (33, 31, 17)


def test_a_diary_is_begun_compared_exported_opened_by_passkey_and_cut(
    site: Site, window: OpenWindow
) -> None:
    eva = at_a_name(window(None, width=TELEPHONE))
    eva.sign_in(email_of("Eva"), PASSWORD)
    _begin(eva)
    round_id = site.rounds.open()
    site.rounds.answer(round_id, site.cast.people["Eva"], sheet_with_sums(EARLIER))
    site.rounds.publish(round_id)
    site.forward(days=91)
    site.rounds.open()
    again = at_a_name(window(None, width=TELEPHONE))
    again.sign_in(email_of("Eva"), PASSWORD)
    _answer_and_open(again)
    _export(again)
    _change_code(again)
    _add_and_use_a_passkey(again)
    _withdraw_and_cut(again)


def at_a_name(window: Window) -> Window:
    """The same site by the name of this machine: a passkey belongs to a name, not to a number."""
    window.address = window.address.replace("127.0.0.1", "localhost")
    return window


def check(window: Window) -> None:
    """No fault on the page shown."""
    assert window.find_faults() == []


def open_by_code(window: Window, code: str) -> None:
    """Types the code on the locked page."""
    window.page.fill("form.narrow [name=code]", code)
    window.press("form.narrow button")


def _begin(eva: Window) -> None:
    eva.go("/diary")
    check(eva)
    eva.page.fill("[name=code]", "Sommer2026!!")
    eva.page.fill("[name=code_again]", "Sommer2026!!")
    eva.press("main form button")
    expect(eva.page.locator("#code-error")).to_contain_text("blandt de første")
    eva.errors.clear()
    for name in ("code", "code_again"):
        eva.page.fill(f"[name={name}]", CODE)
    eva.press("main form button")
    expect(eva.page.locator(".cut-out code")).to_be_visible()
    expect(eva.page.get_by_role("button", name="Print siden")).to_be_visible()
    check(eva)
    eva.page.emulate_media(media="print")
    expect(eva.page.locator(".cut-out code")).to_be_visible()
    expect(eva.page.get_by_role("button")).to_have_count(0)


def _answer_and_open(eva: Window) -> None:
    answers = sheet_with_sums(LATER)
    eva.go("/")
    eva.press("main a[href^='/check-in/']")
    eva.press("main form[data-begin] button.primary")
    for first in (1, 11, 21):
        for item in range(first, first + 10):
            eva.page.check(f"#item{item}-{answers[item - 1]}")
        eva.press("button[name=go]:is([value=next], [value=send])")
    expect(eva.page.locator("svg.picture")).to_have_count(3)
    expect(eva.page.get_by_text("hvad kan vente")).to_be_visible()
    check(eva)
    eva.press("main a.button[href='/diary']")
    check(eva)
    open_by_code(eva, CODE)
    expect(eva.page.locator("figure svg polyline")).to_have_count(3)
    expect(eva.page.get_by_text("Noget vejer mere end sidst")).to_be_visible()
    expect(eva.page.locator("figcaption").nth(1)).to_contain_text(
        "Sidst: 31. Gangen før: 20. Højere"
    )
    check(eva)


def _export(eva: Window) -> None:
    (diary,) = _download(eva, "json")
    document = json.loads(diary.read_text(encoding="utf-8"))
    assert [list(entry["scores"].values()) for entry in document["entries"]] == [
        list(LATER),
        list(EARLIER),
    ]
    (sheet,) = _download(eva, "csv")
    rows = list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [row["burnout"] for row in rows] == ["31", "20"]
    if can_render_pdf():
        (document_to_read,) = _download(eva, "pdf")
        assert document_to_read.read_bytes().startswith(b"%PDF")


def _download(eva: Window, kind: str) -> list[Path]:
    with eva.page.expect_download() as found:
        eva.page.click(f"button[name=as][value={kind}]")
    assert found.value.suggested_filename.startswith("diary-")
    return [found.value.path()]


def _change_code(eva: Window) -> None:
    eva.page.get_by_text("Skift min kode").first.click()
    form = eva.page.locator("form[action='/diary/code']")
    form.locator("[name=code]").fill(NEW_CODE)
    form.locator("[name=code_again]").fill(NEW_CODE)
    with eva.page.expect_navigation():
        form.locator("button").click()
    expect(eva.page.get_by_role("status").first).to_contain_text("åbner den nye kode")
    check(eva)


def _add_and_use_a_passkey(eva: Window) -> None:
    devtools = eva.page.context.new_cdp_session(eva.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "hasPrf": True,
        "automaticPresenceSimulation": True,
    }
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    eva.page.get_by_text("Adgangsnøgler", exact=True).click()
    eva.page.fill("[name=name]", "Min telefon")
    eva.press("form[data-passkey=add] button")
    expect(eva.page.get_by_text("åbner adgangsnøglen dagbogen")).to_be_visible()
    eva.page.get_by_text("Adgangsnøgler", exact=True).click()
    expect(eva.page.get_by_text("Min telefon", exact=True)).to_be_visible()
    check(eva)
    eva.go("/diary")
    check(eva)
    eva.press("form[data-passkey=open] button")
    expect(eva.page.locator("figure svg polyline")).to_have_count(3)
    devtools.send("WebAuthn.clearCredentials", added)
    eva.go("/diary")
    eva.page.click("form[data-passkey=open] button")
    expect(eva.page.get_by_role("status")).to_contain_text("blev ikke brugt")
    check(eva)


def _withdraw_and_cut(eva: Window) -> None:
    open_by_code(eva, NEW_CODE)
    eva.page.get_by_text("Ret dette svar, eller træk det tilbage").click()
    eva.press("button[name=go][value=withdraw]")
    eva.press("button[name=go][value=withdraw_now]")
    eva.go("/diary")
    open_by_code(eva, NEW_CODE)
    eva.page.get_by_text("Slet dette check-in fra dagbogen").first.click()
    eva.press("form[action='/diary/entries/delete'] button >> nth=0")
    expect(eva.page.get_by_role("status").first).to_contain_text("er slettet fra dagbogen")
    expect(eva.page.locator("main section.card h3")).to_have_count(1)
    expect(eva.page.locator("figure")).to_have_count(0)
    check(eva)

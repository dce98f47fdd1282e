"""What can be done from the open diary, by its owner, for ten minutes."""

import csv
import json
import re
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.rounds import STEADY, WORN, RoundRunner
from tests.test_pdf import read_streams
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import EITHER_LANGUAGE, Answering, count
from wellbeing.pdf import can_render_pdf
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryPasskey
from wellbeing.store.sessions import Database
from wellbeing.web.employee.passkey_fields import as_text, read_bytes

CODE, NEW_CODE = "måneskin over Anholt", "gule sejl ved molen"
CODES = {"code": NEW_CODE, "code_again": NEW_CODE}
SECRET = as_text(bytes(range(32)))
PASSKEY = {"credential": as_text(b"credential"), "salt": as_text(b"s" * 32), "secret": SECRET}
ACTS: dict[str, dict[str, str]] = {
    "/diary": {},
    "/diary/entries/delete": {},
    "/diary/export": {"as": "json"},
    "/diary/code": CODES,
    "/diary/recovery-code": {},
    "/diary/passkeys/add": {**PASSKEY, "name": "x"},
    "/diary/passkeys/remove": {},
}
Start = Callable[..., Browser]


@pytest.fixture
def start(client_of: ClientOf, database: Database, clock: Clock) -> Start:
    """`start("Eva")`: a browser of somebody who has begun a diary."""

    def begin(name: str = "Eva", language: str = "en") -> Browser:
        browser = client_of(name, language=language)
        browser.post("/diary/start", {"code": CODE, "code_again": CODE}, 200)
        return browser

    return begin


def open_diary(browser: Browser, code: str = CODE) -> Shown:
    """Opens the diary by its code."""
    return browser.post("/diary", {"code": code}, 200)


def unlock_in(shown: Shown) -> str:
    """The unlock that an open diary's page carries."""
    found = re.search(r'name="unlock" value="([^"]+)"', shown.html)
    assert found
    return found[1]


def entry_in(shown: Shown) -> str:
    """What names the newest entry."""
    found = re.search(r'name="entry" value="([0-9a-f]{32})"', shown.html)
    assert found
    return found[1]


def every_act_is_refused(browser: Browser, unlock: str, entry: str) -> None:
    """Each act asks for the code again and shows nothing of the diary."""
    token = browser.fetch_token()
    for path, fields in ACTS.items():
        sent = {**fields, "csrf_token": token, "unlock": unlock, "entry": entry}
        shown = browser.post_as_is(path, sent, 409)
        assert "The diary has closed again" in shown.text
        assert "average" not in shown.text


def test_every_act_needs_an_unlock_of_this_person_in_this_browser_in_time(
    start: Start, client_of: ClientOf, open_round: UUID, clock: Clock, database: Database
) -> None:
    eva, tom = start("Eva"), start("Tom")
    Answering(eva, open_round).answer()
    shown = open_diary(eva)
    unlock, entry = unlock_in(shown), entry_in(shown)
    flipped = unlock[:40] + ("A" if unlock[40] != "A" else "B") + unlock[41:]
    for forged in ("", "x", flipped):
        every_act_is_refused(eva, forged, entry)
    every_act_is_refused(tom, unlock, entry)
    every_act_is_refused(client_of("Eva"), unlock, entry)
    clock.forward(minutes=10)
    every_act_is_refused(eva, unlock, entry)
    assert count(database, DiaryEntry) == 1
    assert count(database, DiaryPasskey) == 0
    open_diary(eva)


def test_an_unlock_of_a_deleted_diary_opens_no_new_one(start: Start, database: Database) -> None:
    eva = start()
    unlock = unlock_in(open_diary(eva))
    eva.post("/diary/delete", {"confirm": "y"}, 200)
    for path, fields in ACTS.items():
        eva.post(path, {**fields, "unlock": unlock}, 200 if path == "/diary" else 302)
    eva.post("/diary/start", {"code": NEW_CODE, "code_again": NEW_CODE}, 200)
    every_act_is_refused(eva, unlock, "")


def test_acting_does_not_prolong_the_ten_minutes(start: Start, clock: Clock) -> None:
    eva = start()
    unlock = unlock_in(open_diary(eva))
    clock.forward(minutes=9)
    shown = eva.post("/diary", {"unlock": unlock}, 200)
    assert unlock_in(shown) == unlock
    clock.forward(minutes=1)
    eva.post("/diary", {"unlock": unlock}, 409)


@EITHER_LANGUAGE
def test_one_entry_is_deleted_and_pressing_again_says_so(
    start: Start, open_round: UUID, database: Database, language: str
) -> None:
    eva = start(language=language)
    Answering(eva, open_round).answer()
    shown = open_diary(eva)
    fields = {"unlock": unlock_in(shown), "entry": entry_in(shown)}
    gone = eva.post("/diary/entries/delete", fields, 200)
    assert {"en": "is deleted", "da": "er slettet fra dagbogen"}[language] in gone.text
    assert count(database, DiaryEntry) == 0
    assert count(database, Ballot) == 1
    again = eva.post("/diary/entries/delete", fields, 200)
    assert {"en": "not in the diary any more", "da": "ikke i dagbogen mere"}[language] in again.text
    eva.post("/diary/entries/delete", {**fields, "entry": "nonsense"}, 200)


@pytest.mark.asvs("3.2.1", "5.4.1")
@EITHER_LANGUAGE
def test_the_diary_is_taken_along_in_three_forms_with_the_sentences_that_were_asked(
    start: Start, open_round: UUID, language: str
) -> None:
    eva = start(language=language)
    Answering(eva, open_round).answer(WORN)
    unlock = unlock_in(open_diary(eva))

    def take(kind: str) -> Shown:
        shown = eva.post("/diary/export", {"unlock": unlock, "as": kind}, 200)
        name = f'attachment; filename="diary-2026-02-02.{kind}"'
        assert shown.headers["Content-Disposition"] == name
        assert shown.headers["Cache-Control"] == "no-store"
        return shown

    (entry,) = json.loads(take("json").html)["entries"]
    assert entry["scores"] == {"CS": 32, "BO": 40, "STS": 39}
    assert entry["language"] == language
    sentence = entry["answers"][0]["sentence"]
    assert sentence
    delimiter = {"da": ";", "en": ","}[language]
    lines = take("csv").html.removeprefix("\ufeff").splitlines()
    (row,) = csv.DictReader(lines, delimiter=delimiter)
    assert (row["date"], row["burnout"], row["item1"]) == ("2026-02-02", "40", str(WORN[0]))
    if can_render_pdf():
        document = take("pdf").response.get_data()
        inside = read_streams(document)
        assert b"/StructTreeRoot" in inside
        assert f"/Lang ({language})".encode() in inside


@pytest.mark.parametrize("kind", ["", "xml", "JSON"])
def test_there_is_no_other_form(start: Start, kind: str) -> None:
    eva = start()
    eva.post("/diary/export", {"unlock": unlock_in(open_diary(eva)), "as": kind}, 404)


def test_a_receipt_is_in_no_file(start: Start, open_round: UUID) -> None:
    eva = start()
    Answering(eva, open_round).answer()
    shown = open_diary(eva)
    receipt = re.search(r'name="receipt" value="([0-9a-f]{64})"', shown.html)
    assert receipt
    for kind in ("json", "csv"):
        fields = {"unlock": unlock_in(shown), "as": kind}
        assert receipt[1] not in eva.post("/diary/export", fields, 200).html


def test_a_new_code_opens_the_diary_and_the_old_one_does_not(start: Start) -> None:
    eva = start()
    fields = {"unlock": unlock_in(open_diary(eva)), **CODES}
    assert "The new code opens" in eva.post("/diary/code", fields, 200).text
    eva.post("/diary", {"code": CODE}, 422)
    open_diary(eva, NEW_CODE)


@pytest.mark.parametrize(
    ("code", "again", "said"),
    [
        ("kort", "kort", "at least 12"),
        ("Sommer2026!!", "Sommer2026!!", "among the first"),
        (NEW_CODE, "another", "differ"),
    ],
)
def test_a_poor_or_mistyped_new_code_changes_nothing_and_the_diary_stays_open(
    start: Start, code: str, again: str, said: str
) -> None:
    eva = start()
    fields = {"unlock": unlock_in(open_diary(eva)), "code": code, "code_again": again}
    shown = eva.post("/diary/code", fields, 422)
    assert said in shown.text
    assert unlock_in(shown) == fields["unlock"]
    open_diary(eva)


def test_a_new_recovery_code_is_shown_once_and_leads_back(start: Start) -> None:
    eva = start()
    unlock = unlock_in(open_diary(eva))
    shown = eva.post("/diary/recovery-code", {"unlock": unlock}, 200)
    recovery = re.search(r'<code class="code">([a-z0-9-]{29})</code>', shown.html)
    assert recovery
    assert recovery[1] not in eva.post("/diary", {"unlock": unlock_in(shown)}, 200).html
    open_diary(eva, recovery[1].upper().replace("-", " "))


@on_both_databases
def test_a_passkey_opens_the_diary_until_it_is_removed(start: Start, open_round: UUID) -> None:
    eva = start()
    Answering(eva, open_round).answer()
    unlock = unlock_in(open_diary(eva))
    fields = {"unlock": unlock, **PASSKEY, "name": "My <telephone>"}
    shown = eva.post("/diary/passkeys/add", fields, 200)
    assert "My &lt;telephone&gt;" in shown.html
    asked = re.search(r'data-passkeys="([^"]+)"', eva.get("/diary").html)
    assert asked
    assert PASSKEY["salt"] in asked[1]
    opened = eva.post("/diary", {"credential": PASSKEY["credential"], "secret": SECRET}, 200)
    assert "average" in opened.text
    passkey = re.search(r'name="passkey" value="([0-9a-f]{32})"', opened.html)
    assert passkey
    removed = {"unlock": unlock_in(opened), "passkey": passkey[1]}
    assert "does not open the diary" in eva.post("/diary/passkeys/remove", removed, 200).text
    eva.post("/diary", {"credential": PASSKEY["credential"], "secret": SECRET}, 422)


def test_guesses_of_what_a_passkey_makes_are_counted_like_codes(start: Start) -> None:
    eva = start()
    fields = {"unlock": unlock_in(open_diary(eva)), **PASSKEY, "name": ""}
    eva.post("/diary/passkeys/add", fields, 200)
    for number in range(10):
        secret = as_text(bytes([number]) * 32)
        eva.post("/diary", {"credential": PASSKEY["credential"], "secret": secret}, 422)
    eva.post("/diary", {"code": CODE}, 429)


@pytest.mark.parametrize("field", ["credential", "salt", "secret", "name"])
def test_a_passkey_that_is_not_whole_is_not_added(
    start: Start, database: Database, field: str
) -> None:
    eva = start()
    fields = {"unlock": unlock_in(open_diary(eva)), **PASSKEY, "name": "x"}
    shown = eva.post("/diary/passkeys/add", {**fields, field: "é" * 41}, 422)
    assert unlock_in(shown) == fields["unlock"]
    assert count(database, DiaryPasskey) == 0


def test_what_is_lighter_or_heavier_is_said_calmly(
    start: Start, client_of: ClientOf, rounds: RoundRunner, clock: Clock, database: Database
) -> None:
    eva = start()
    for answers, said in ((WORN, None), (STEADY, "lighter"), (WORN, "weighs more")):
        round_id = rounds.open()
        Answering(eva, round_id).answer(answers)
        text = open_diary(eva).text
        assert ("Something" in text) is (said is not None)
        assert said is None or said in text
        rounds.publish(round_id)
        clock.forward(days=40)
        rounds.forward(days=40)
        eva = client_of("Eva")


def test_bytes_survive_their_way_through_a_form() -> None:
    for value in (b"", b"\0", bytes(range(256)), b"\xff" * 31):
        assert read_bytes(as_text(value)) == value
    assert read_bytes("æøå") == b""

"""Neither the length of an answer nor the time it takes tells who has an account, or how
somebody answered.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from random import Random
from statistics import median
from time import process_time
from uuid import UUID

import pytest

from tests.cast import PASSWORD, Cast, email_of
from tests.rounds import STEADY, WORN
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, MakeApp
from tests.web.employee.conftest import Answering
from wellbeing.actions import sign_in as signing_in
from wellbeing.actions.diary import start
from wellbeing.actions.sign_in import sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.crypto.secrets import is_password as fits
from wellbeing.domain.errors import Refused
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.employee.padding import STEP

# What differs in both directions by more than this is told apart over a network by few tries.
MOST = 1.5
LOW, HIGH, NONE = (1,) * 30, (5,) * 30, (0,) * 30


def sheets(count: int) -> Iterable[tuple[int, ...]]:
    """The outermost answers there are, and others by chance, some questions left out."""
    random = Random(20260202)
    yield from (LOW, HIGH, NONE, STEADY, WORN)
    for _ in range(count):
        yield tuple(random.choices((0, 1, 2, 3, 4, 5), (1, 4, 4, 4, 4, 4), k=30))


def in_turns(each: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median CPU seconds of each, one after another so that what slows one slows all."""
    took: dict[str, list[float]] = {name: [] for name in each}
    for _ in range(rounds):
        for name, act in each.items():
            begun = process_time()
            act()
            took[name].append(process_time() - begun)
    return {name: median(times) for name, times in took.items()}


@pytest.mark.parametrize("keeps_diary", [False, True], ids=["no diary", "a diary"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_page_of_a_result_has_one_length_whatever_was_answered(
    client_of: ClientOf,
    database: Database,
    cast: Cast,
    open_round: UUID,
    language: str,
    keeps_diary: bool,
) -> None:
    lengths = set()
    names = ("Eva", "Tom", "Sara", "Anne", "Bent", "Carl", "Gry", "Jens")
    for name, values in zip(names, sheets(3), strict=True):
        browser = client_of(name, language=language)
        if keeps_diary:
            with database.writing(Reach.EMPLOYEE) as session:
                start(session, "en rolig kop te på Ærø", person_id=cast.people[name])
        lengths.add(len(Answering(browser, open_round).answer(values).html.encode()))
    assert lengths == {STEP}


def test_the_pages_of_questions_have_one_length_whatever_was_answered_before(
    client_of: ClientOf, open_round: UUID
) -> None:
    lengths, answers = set(), Answering(client_of("Eva"), open_round)
    for values in sheets(3):
        last = answers.go_to_last_page(values)
        back = answers.press(last, "back", {})
        lengths |= {len(shown.html.encode()) for shown in (last, back)}
    assert lengths == {STEP}


def test_a_padded_page_is_packed_by_nobody_on_its_way(
    client_of: ClientOf, open_round: UUID
) -> None:
    shown = client_of("Eva").get(f"/check-in/{open_round}")
    assert shown.headers["Cache-Control"] == "no-store, no-transform"


def test_a_result_takes_as_long_whatever_was_answered(
    client_of: ClientOf, open_round: UUID
) -> None:
    eva = client_of("Eva")
    answering = Answering(eva, open_round)
    token = answering.answer(STEADY)  # once, so that every page after it is compiled
    assert token.status == 200
    sheets_of = {
        name: answering.sheet(values)
        for name, values in {"low": LOW, "high": HIGH, "none": NONE, "worn": WORN}.items()
    }
    acts = {
        name: partial(eva.post_as_is, answering.path, sheet, 200)
        for name, sheet in sheets_of.items()
    }
    took = in_turns(acts, rounds=9)
    assert max(took.values()) < MOST * min(took.values()), took


def test_a_refused_sign_in_reads_the_same_whoever_is_meant(make_app: MakeApp) -> None:
    app = make_app()
    pages = set()
    for email in (email_of("Eva"), email_of("Dan"), email_of("Ida"), "nobody@osterhus.example"):
        browser = Browser(app)
        browser.get("/sign-in")
        said = browser.post("/sign-in", {"email": email, "password": "forkert"}, 422)
        pages.add(said.text.replace(email, ""))
    assert len(pages) == 1


@pytest.mark.asvs("6.3.8")
def test_a_refused_sign_in_takes_as_long_whoever_is_meant(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    rules = SignInRules(hours=8, second_factor_roles=frozenset())

    def refuse(email: str) -> Callable[[], None]:
        def ask() -> None:
            with database.reading(Reach.SIGN_IN) as session, pytest.raises(Refused):
                sign_in(session, email, f"{PASSWORD}?", rules=rules, now=now)

        return ask

    emails = {"known": email_of("Eva"), "disabled": email_of("Dan"), "invited": email_of("Ida")}
    acts = {name: refuse(email) for name, email in emails.items()}
    acts["unknown"] = refuse("nobody@osterhus.example")
    took = in_turns(acts, rounds=9)
    assert max(took.values()) < MOST * min(took.values()), took
    # Without the hash that stands in for a missing one it is told apart.
    monkeypatch.setattr(
        signing_in, "is_password", lambda typed, known: bool(known and fits(typed, known))
    )
    told = in_turns(acts, rounds=3)
    assert max(told.values()) > MOST * min(told.values()), told

"""What a token reads: its unit and below, as the pages show it, and nothing of anybody."""

import csv
import json
import re
from datetime import date
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from tests.canaries import sheet_with_sums
from tests.cast import PEOPLE, Cast
from tests.rounds import RoundRunner
from tests.web.api.conftest import BY, MakeReader, Reader, make_token_for
from tests.web.conftest import Clock, MakeApp
from tests.web.support_seed import seed_held_session, seed_request
from wellbeing.actions.api_tokens import Scope, list_tokens, revoke
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.store.accounts import ApiToken
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Unit
from wellbeing.store.published import PublishedFigure, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ALL = ("/units", "/figures", "/ledger")


def units_of(reader: Reader, cast: Cast) -> set[str]:
    """The units whose figures a token reads, by their names in the cast."""
    names = {str(unit_id): name for name, unit_id in cast.units.items()}
    return {names[unit["unit_id"]] for unit in reader.read_all("/figures", "units")}


@pytest.mark.parametrize(
    ("unit", "within"),
    [
        (None, {"organisation", "department_1", "department_2", "team_a", "team_b", "team_c"}),
        ("department_1", {"department_1", "team_a", "team_c"}),
        ("team_a", {"team_a"}),
    ],
)
def test_a_token_reads_its_unit_and_all_below_and_no_other(
    unit: str | None, within: set[str], reader_of: MakeReader, cast: Cast
) -> None:
    reader = reader_of(unit)
    assert units_of(reader, cast) == within
    for name, unit_id in cast.units.items():
        reader.get(f"/units/{unit_id}/figures", 200 if name in within else 404)
    reader.get(f"/units/{uuid4()}/figures", 404)


def test_a_unit_that_moves_goes_with_the_move_and_one_that_closes_is_read_by_nobody(
    reader_of: MakeReader, database: Database, cast: Cast
) -> None:
    before, after, own = reader_of("department_1"), reader_of("department_2"), reader_of("team_a")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_a"]).parent_id = cast.units["department_2"]
    assert units_of(before, cast) == {"department_1", "team_c"}
    assert units_of(after, cast) == {"department_2", "team_a", "team_b"}
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_a"]).closed_on = date(2026, 1, 1)
    for reader in (after, own, reader_of(None)):
        assert "team_a" not in units_of(reader, cast)
        reader.get(f"/units/{cast.units['team_a']}/figures", 404)
    assert own.read("/units")["units"] == []


def test_an_id_of_another_organisation_is_nothing_here(
    reader_of: MakeReader, cast: Cast, settings: Settings
) -> None:
    # Each organisation has a database of its own: whatever the other calls it, it is unknown.
    for foreign in (uuid4(), UUID(int=0), cast.people["Eva"]):
        answer = reader_of(None).get(f"/units/{foreign}/figures", 404)
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ALL)
def test_a_token_opens_nothing_of_another_scope_nor_late_nor_revoked(
    path: str, reader_of: MakeReader, database: Database, clock: Clock
) -> None:
    wrong = reader_of(None, Scope.LEDGER if path == "/figures" else Scope.FIGURES)
    wrong.get(path, 200 if path == "/units" else 401)
    fits = reader_of(None, Scope.LEDGER if path == "/ledger" else Scope.FIGURES, days=2)
    fits.get(path)
    clock.forward(days=3)
    answer = fits.get(path, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    clock.forward(days=-3)
    fits.get(path)
    with database.writing(Reach.ADMIN) as session:
        for token in list_tokens(session):
            revoke(session, token.id, by=BY, now=clock.now())
    fits.get(path, 401)
    for secret in ("", "x" * 5000, "wellbeing_", "æ"):
        fits.token = secret
        fits.get(path, 401)


def test_a_token_of_the_directory_reads_nothing(
    reader_of: MakeReader, app: Flask, database: Database, clock: Clock
) -> None:
    scim = Reader(app, make_token_for(database, None, Scope.SCIM, 90, clock.now()))
    for path in ALL:
        scim.get(path, 401)


def test_figures_are_word_for_word_those_that_were_published(
    reader_of: MakeReader, database: Database, cast: Cast
) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        stored = sorted(
            session.execute(
                text(
                    "SELECT f.scale, f.point, f.kind FROM published_figure f"
                    " JOIN published_group g ON g.id = f.group_id WHERE g.kind != 'others'"
                    " UNION ALL SELECT scale, point, kind FROM published_figure"
                    " WHERE rollup_id IS NOT NULL"
                )
            ).all()
        )
    units = reader_of(None).read_all("/figures", "units")
    read = sorted(
        (figure["scale"], figure["point"], figure["kind"])
        for unit in units
        for shown in unit["rounds"]
        for figure in shown["figures"]
    )
    assert len(stored) > 50
    assert read == [tuple(row) for row in stored]
    team_a = next(u for u in units if u["unit_id"] == str(cast.units["team_a"]))
    gap = team_a["rounds"][2]
    assert gap["figures"] == []
    assert gap["answers"] is None
    assert gap["withheld"]["reason"] == "too_few"
    assert team_a["rounds"][0]["answers"] == {"at_least": 5, "at_most": 9}


def test_figures_of_two_tokens_are_the_same_publication_and_leave_nothing_to_subtract(
    reader_of: MakeReader, cast: Cast
) -> None:
    """Team A and C make up department 1; C is withheld, and must not come out of A and above.

    Nothing is worked out for a token: whichever units it has, each of them says in each round what
    was published of it once, and `wellbeing audit` proves that record safe against everything that
    can be made of it. Two tokens together are less than that record, never more.
    """
    record = read_record(reader_of(None))
    for unit in ("organisation", "department_1", "department_2", "team_a", "team_b"):
        part = read_record(reader_of(unit))
        assert part
        assert part.items() <= record.items()
    of_team_c = [said for (unit, _), said in record.items() if unit == str(cast.units["team_c"])]
    assert len(of_team_c) == 8
    assert all('"figures": []' in said and '"answers": null' in said for said in of_team_c)
    # Whole points and ranges only: there are no remainders to be had from these.
    said = " ".join(record.values())
    assert re.findall(r'"point": \d+\.', said) == []
    assert {"5", "10", "20"} >= set(re.findall(r'"at_least": (\d+)', said))


def read_record(reader: Reader) -> dict[tuple[str, str], str]:
    """What is said of each unit in each round."""
    return {
        (unit["unit_id"], shown["round_id"]): json.dumps(shown)
        for unit in reader.read_all("/figures", "units")
        for shown in unit["rounds"]
    }


def test_nothing_is_read_before_a_round_is_published(
    reader_of: MakeReader, database: Database, cast: Cast
) -> None:
    reader = reader_of("team_a")
    path = f"/units/{cast.units['team_a']}/figures"
    whole = reader.read(path)
    latest = whole["rounds"][-1]["round_id"]
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(
            update(PublishedRound)
            .where(PublishedRound.round_id == UUID(latest))
            .values(key_destroyed_at=None)
        )
    assert reader.read(path)["rounds"] == whole["rounds"][:-1]
    assert latest not in reader.get("/figures?format=csv").text


def test_a_later_answer_or_erasure_changes_no_figure_that_was_read(
    reader_of: MakeReader, database: Database, cast: Cast, clock: Clock, settings: Settings
) -> None:
    reader, path = reader_of("department_1"), "/figures?format=csv"
    before = reader.get(path).text
    runner = RoundRunner(database, settings.data, clock.now())
    round_id = runner.open()
    runner.answer(round_id, cast.people["Eva"], sheet_with_sums((20, 40, 40), seed=1))
    assert reader.get(path).text == before


def test_csv_has_the_same_rows_as_json_and_says_where_the_next_page_is(
    reader_of: MakeReader, cast: Cast
) -> None:
    reader = reader_of(None)
    answer = reader.get("/figures?format=csv&limit=1")
    assert answer.mimetype == "text/csv"
    rows, link = [*csv.DictReader(StringIO(answer.text))], answer.headers.get("Link")
    while link:
        answer = reader.get(link[len("</api/v1") : link.index(">")])
        rows += csv.DictReader(StringIO(answer.text))
        link = answer.headers.get("Link")
    told = {
        (unit["unit_id"], shown["round_id"], figure["scale"]): str(figure["point"])
        for unit in reader.read_all("/figures", "units")
        for shown in unit["rounds"]
        for figure in shown["figures"]
    }
    in_csv = {(r["unit_id"], r["round_id"], r["scale"]): r["point"] for r in rows if r["point"]}
    assert in_csv == told
    withheld = [r for r in rows if not r["point"]]
    assert withheld
    assert all(r["withheld"] and not r["answers_from"] for r in withheld)


class TestLedger:
    @pytest.fixture
    def support(self, database: Database, cast: Cast, clock: Clock) -> dict[str, str]:
        """A session of team A; and what is for one person, in every way that there is."""
        with database.writing(Reach.EVERYTHING) as session:
            seed_request(session, cast.people["Tom"], now=clock.now())
            made: dict[str, dict[str, Any]] = {
                "team": {"days_ago": 3},
                "request": {"unit": None, "days_ago": 4},
                "crisis": {"form": SupportForm.CRISIS_HELP, "days_ago": 5},
                "individual": {"form": SupportForm.INDIVIDUAL_SUPERVISION, "days_ago": 6},
                "one_seat": {"seats": 1, "days_ago": 7},
                "team_b": {"unit": "team_b", "days_ago": 8},
            }
            return {
                name: str(seed_held_session(session, cast, now=clock.now(), **how)["offer_id"])
                for name, how in made.items()
            }

    def test_it_tells_kinds_states_and_days_and_nobody(
        self, reader_of: MakeReader, support: dict[str, str], cast: Cast
    ) -> None:
        reader = reader_of("department_1", Scope.LEDGER)
        rows = reader.read_all("/ledger", "support", limit=1)
        offers = {row["offer_id"] for row in rows if row["offer_id"]}
        assert offers == {support["team"]}
        (row,) = (row for row in rows if row["offer_id"])
        assert (row["form"], row["origin"], row["state"]) == ("team_supervision", "wish", "held")
        assert [step["step"] for step in row["steps"]] == [
            "offered",
            "scheduled",
            "held",
            "attended",
            "useful",
            "scores",
        ]
        # Flags that nobody has answered are suggestions.
        assert any(row["offer_id"] is None and row["flag_id"] for row in rows)
        shown = f"{rows} {reader.get('/ledger?format=csv').text}"
        secrets = ["Loftet", "Nattevagter", "refleksion", "Lederen", *(n for _, n, _ in PEOPLE)]
        secrets += [str(person) for person in cast.people.values()]
        assert [secret for secret in secrets if secret in shown] == []

    def test_the_whole_organisation_has_support_of_units_and_none_of_a_person(
        self, reader_of: MakeReader, support: dict[str, str]
    ) -> None:
        rows = reader_of(None, Scope.LEDGER).read_all("/ledger", "support")
        assert {row["offer_id"] for row in rows} - {None} == {support["team"], support["team_b"]}


def test_each_read_is_in_the_log_by_the_name_of_the_system_once_a_day(
    reader_of: MakeReader, database: Database, cast: Cast, clock: Clock
) -> None:
    figures, ledger = reader_of("department_1"), reader_of(None, Scope.LEDGER)
    for _ in range(2):
        figures.get("/figures")
        figures.get(f"/units/{cast.units['team_a']}/figures")
        ledger.get("/ledger")
        ledger.get("/units")
    figures.get(f"/units/{cast.units['team_b']}/figures", 404)
    with database.reading(Reach.EVERYTHING) as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.by == "system:BI").order_by(AuditEvent.number)
        ).all()
        tokens = {str(token.id): token for token in session.scalars(select(ApiToken))}
    assert [(event.act, event.subject) for event in events] == [
        ("figures.taken", str(cast.units["department_1"])),
        ("figures.taken", str(cast.units["team_a"])),
        ("support.taken", "organisation"),
    ]
    assert all(event.details["token"] in tokens for event in events)
    assert {token.used_on for token in tokens.values()} == {clock.now().date()}


def test_what_has_not_changed_is_not_sent_again_but_is_a_read_all_the_same(
    reader_of: MakeReader, database: Database, clock: Clock
) -> None:
    reader = reader_of("team_a")
    etag = reader.get("/figures").headers["ETag"]
    clock.forward(days=1)
    answer = reader.get("/figures", 304, **{"If-None-Match": etag})
    assert answer.data == b""
    reader.get("/figures", 200, **{"If-None-Match": '"other"'})
    assert "Authorization" in answer.headers["Vary"]
    with database.reading(Reach.EVERYTHING) as session:
        days = session.scalars(
            select(AuditEvent.details["day"].as_string()).where(AuditEvent.by == "system:BI")
        ).all()
        assert len(days) == 2
        assert session.scalar(select(PublishedFigure.id).limit(1)) is not None


def test_no_cookie_is_set_and_none_is_believed(
    make_app: MakeApp, reader_of: MakeReader, app: Flask
) -> None:
    reader = reader_of(None)
    answer = reader.get("/units")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    reader.token = ""
    reader.client.set_cookie("wellbeing", "x")
    reader.get("/units", 401)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/figures?limit=0", "limit"),
        ("/figures?limit=201", "limit"),
        ("/figures?limit=x", "limit"),
        ("/figures?format=xml", "format"),
        ("/figures?cursor=x", ""),
        ("/figures?cursor=" + "A" * 65, "cursor"),
        ("/units?format=csv", "format"),
        ("/ledger?person=<script>", "not known"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_as_a_problem(
    path: str, said: str, reader_of: MakeReader
) -> None:
    reader = reader_of(None, Scope.LEDGER if path.startswith("/ledger") else Scope.FIGURES)
    answer = reader.get(path, 400)
    assert answer.mimetype == "application/problem+json"
    assert answer.json
    assert set(answer.json) == {"type", "title", "status", "detail"}
    assert said in answer.json["detail"]
    assert "script" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_other_addresses_and_methods_are_refused_in_the_words_of_the_api(
    method: str, reader_of: MakeReader
) -> None:
    reader = reader_of(None)
    for path in ("/nothing", "/units/x/figures", *(ALL if method != "GET" else ())):
        for secret, status in ((reader.token, 404), ("wrong", 401)):
            answer = reader.client.open(
                f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {secret}"}
            )
            assert answer.status_code == status
            assert answer.mimetype == "application/problem+json"


def test_too_many_requests_are_told_to_wait(
    reader_of: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = reader_of(None)
    reader.token = "wrong"
    answers = [reader.client.get("/api/v1/units").status_code for _ in range(301)]
    assert answers[:300] == [401] * 300
    answer = reader.get("/units", 429)
    assert answer.mimetype == "application/problem+json"


def test_the_database_keeps_people_from_this_area(app: Flask, database: Database) -> None:
    wall = app.extensions["wellbeing"].database
    tables = ("person", "booking", "support_request", "session_action", "session_theme", "ballot")
    for table in (*tables, "participation", "incident", "session_feedback", "membership"):
        with (
            wall.reading(Reach.API) as session,
            pytest.raises(Exception, match=r"prohibited|denied"),
        ):
            session.execute(text(f"SELECT * FROM {table}"))

"""The OpenAPI document: what is served, what is stored, and whether the answers keep to it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

import wellbeing
from tests.cast import Cast
from tests.web.api.conftest import MakeReader
from wellbeing.actions.api_tokens import Scope
from wellbeing.web.api import models

STORED = Path(wellbeing.__file__).parents[1] / "docs" / "openapi.json"
MODELS: dict[str, type[BaseModel]] = {
    "/units": models.Units,
    "/figures": models.Figures,
    "/units/{unit_id}/figures": models.FiguresOfUnit,
    "/ledger": models.Ledger,
}
LIMITS = st.one_of(st.none(), st.integers(-2, 400).map(str), st.text(max_size=4))
CURSORS = st.one_of(st.none(), st.text(max_size=70), st.binary(max_size=20).map(lambda b: b.hex()))
FORMATS = st.sampled_from([None, "json", "csv", "xml", ""])


def as_text(document: Any) -> str:
    """As it is stored."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_stored_document_is_the_one_that_is_served(reader_of: MakeReader) -> None:
    reader = reader_of(None)
    reader.token = ""
    # To renew it: git diff shows what changes for other systems.
    assert as_text(reader.read("/openapi.json")) == STORED.read_text(encoding="utf-8")


def test_the_document_names_every_address_and_refers_to_nothing_that_is_not_there(
    app: Flask,
) -> None:
    document = json.loads(STORED.read_text(encoding="utf-8"))
    assert document["openapi"] == "3.1.0"
    rules = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert {f"/api/v1{path}" for path in MODELS} == set(document["paths"])
    assert rules - set(document["paths"]) == {"/api/v1/openapi.json", "/api/v1/{path}"}
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])
    expected: list[type[BaseModel]] = [*MODELS.values(), models.Problem]
    assert {model.__name__ for model in expected} <= named
    for path in document["paths"].values():
        answers = path["get"]["responses"]
        assert {"200", "304", "400", "401", "429"} <= set(answers)
        assert path["get"]["summary"]
        for status in set(answers) - {"200", "304"}:
            assert set(answers[status]["content"]) == {"application/problem+json"}
    assert document["security"] == [{"token": []}]


def test_no_page_of_the_library_is_served_that_fetches_scripts(reader_of: MakeReader) -> None:
    reader = reader_of(None)
    for path in ("/apidoc/swagger", "/apidoc/redoc", "/apidoc/openapi.json"):
        assert reader.client.get(path).status_code == 404
        reader.get(path, 404)


@pytest.mark.parametrize("path", MODELS)
@given(limit=LIMITS, cursor=CURSORS, kind=FORMATS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_asked_the_answer_keeps_to_the_document(
    path: str,
    limit: str | None,
    cursor: str | None,
    kind: str | None,
    reader_of: MakeReader,
    cast: Cast,
    tokens: dict[Scope, Any],
) -> None:
    scope = Scope.LEDGER if path == "/ledger" else Scope.FIGURES
    if scope not in tokens:
        tokens[scope] = reader_of("department_1", scope)
    reader = tokens[scope]
    given_ = {"limit": limit, "cursor": cursor, "format": kind}
    args = {name: value for name, value in given_.items() if value is not None}
    answer = reader.client.get(
        f"/api/v1{path.format(unit_id=cast.units['team_a'])}",
        query_string=args,
        headers={"Authorization": f"Bearer {reader.token}"},
    )
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.mimetype == "application/problem+json"
        TypeAdapter(models.Problem).validate_json(answer.data)
    elif kind == "csv":
        assert answer.mimetype == "text/csv"
        lengths = {line.count(",") for line in answer.text.splitlines() if '"' not in line}
        assert len(lengths) == 1
    else:
        said = MODELS[path].model_validate_json(answer.data)
        assert json.loads(said.model_dump_json()) == answer.json


@pytest.fixture
def tokens() -> dict[Scope, Any]:
    """One reader a scope for all examples."""
    return {}

"""Traces leave with the pages of offices only, and with nothing of anybody in them."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select

from tests.cast import PASSWORD, email_of, full_name_of
from tests.web.browser import Browser
from wellbeing.app import create_app
from wellbeing.monitoring.traces import KEPT, make_processor
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.policy import POLICY, PUBLIC

MARK = "eva-8841"


class Collector:
    """A collector of traces on this machine, which keeps what it is sent."""

    def __init__(self) -> None:
        received = self.received = list[bytes]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listens no more."""
        self._server.shutdown()
        self._server.server_close()

    def names(self) -> list[str]:
        """The names of the spans that came."""
        return [
            span.name
            for raw in self.received
            for resource in ExportTraceServiceRequest.FromString(raw).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A running collector."""
    made = Collector()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _forget_instruments() -> Iterator[None]:
    yield
    SQLAlchemyInstrumentor().uninstrument()


@pytest.fixture
def settings(tmp_path: Path, sqlite_database: Database) -> Settings:
    """An organisation nobody is in yet."""
    url = sqlite_database.url.render_as_string(hide_password=False)
    return Settings(data=tmp_path, database_url=url, base_url="http://localhost")


def _visit_some(browser: Browser) -> None:
    """Pages of each kind, with something of a person in every place that it can stand in."""
    headers = {"User-Agent": MARK, "X-Forwarded-For": MARK, "tracestate": f"who={MARK}"}
    for path in (f"/hr?q={MARK}", f"/teams/{uuid4()}?{MARK}", f"/check-in/{uuid4()}", "/diary"):
        browser.get(path, 302, headers=headers)
    browser.get("/sign-in")
    fields = {"email": email_of("Eva"), "password": PASSWORD}
    browser.post("/sign-in", fields, 422, headers=headers)
    browser.get(f"/scim/v2/Users?filter={MARK}", 401, headers=headers)
    browser.get(f"/nothing/{MARK}", 404, headers=headers)


def test_a_collector_gets_the_pages_of_offices_and_nothing_else(
    settings: Settings, collector: Collector
) -> None:
    app = create_app(settings.model_copy(update={"traces_url": collector.url}))
    _visit_some(Browser(app))
    app.extensions["wellbeing_traces"].shutdown()
    app.extensions["wellbeing"].database.close()
    assert set(collector.names()) == {
        "GET /hr",
        "GET /teams/<uuid:unit_id>",
        "GET /scim/v2/<path:path>",
    }
    sent = b"".join(collector.received)
    assert sent.count(b"/hr") >= 1
    for unwanted in (MARK, "check-in", "diary", "sign-in", "eva", full_name_of("Eva"), "Mozilla"):
        assert unwanted.encode() not in sent


def test_statements_of_offices_have_no_values_and_those_of_others_are_not_told(
    settings: Settings, collector: Collector
) -> None:
    exporter = InMemorySpanExporter()
    app = create_app(settings.model_copy(update={"traces_url": collector.url}))
    database, provider = app.extensions["wellbeing"].database, app.extensions["wellbeing_traces"]
    provider.add_span_processor(make_processor(SimpleSpanProcessor(exporter)))

    @app.get("/asks/<word>", endpoint="hr.asks")
    def asks(word: str) -> str:
        for reach in (Reach.WORKPLACE, Reach.EMPLOYEE, Reach.SIGN_IN):
            with database.reading(reach) as session:
                session.scalars(select(Person.id).where(Person.employee_number == word)).all()
        raise RuntimeError(word)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(POLICY, "hr.asks", PUBLIC)
        Browser(app).get(f"/asks/{MARK}", 500)
    spans = exporter.get_finished_spans()
    provider.shutdown()
    database.close()
    said = [str((s.attributes or {})["db.statement"]) for s in spans if s.name == "SELECT"]
    assert len(said) == 1
    assert "employee_number = ?" in said[0]
    assert any(span.name == "GET /asks/<word>" for span in spans)
    for span in spans:
        assert MARK not in span.to_json()
        assert set(span.attributes or {}) <= KEPT
        assert not span.events


def test_without_the_setting_nothing_of_it_is_imported(settings: Settings) -> None:
    app = create_app(settings)
    assert "wellbeing_traces" not in app.extensions
    app.extensions["wellbeing"].database.close()


def test_traces_travel_encrypted_or_stay_on_this_machine() -> None:
    with pytest.raises(ValueError, match="traces_url must be an https address"):
        Settings(traces_url="http://collector.example/v1/traces")
    assert Settings(traces_url="https://collector.example/v1/traces").traces_url

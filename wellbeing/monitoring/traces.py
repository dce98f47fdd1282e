"""OpenTelemetry, where the extra is installed and `traces_url` is set; off otherwise.

Only requests to the pages of offices leave a span. What leaves is made anew from an allow-list:
the page by its pattern, never an address, an id, a browser or a person; statements with places in
them and never what stood there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from sqlalchemy import Engine

from wellbeing.domain.errors import BadInput
from wellbeing.monitoring.quiet import is_quiet

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

KEPT = frozenset(
    {
        "db.operation.name",
        "db.query.text",
        "db.statement",
        "db.system",
        "db.system.name",
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.status_code",
    }
)
_NOT_WATCHED = "healthz,readyz,metrics,static"
_SECONDS = 5
_CONNECT = "connect"  # of whichever pool: it says nothing
_WORD = re.compile(r"[A-Z]{3,10}")


def install_traces(app: Flask, engines: Sequence[Engine], url: str) -> "TracerProvider":
    """Spans of this application go to a collector at `url`; before anything that may end a request.

    BadInput where the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise BadInput("traces_url needs the extra: install wellbeing[telemetry].") from None
    provider = TracerProvider(resource=Resource.create({"service.name": "wellbeing"}))
    inner = BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_SECONDS))
    provider.add_span_processor(make_processor(inner))
    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        app,
        tracer_provider=provider,
        excluded_urls=_NOT_WATCHED,
        enable_commenter=False,
    )
    SQLAlchemyInstrumentor().instrument(
        engines=list(engines),
        tracer_provider=provider,
        skip_dep_check=True,  # it names SQLAlchemy 2.0 as the newest, and works with 2.1
    )
    return provider


def make_processor(inner: "SpanProcessor") -> "SpanProcessor":
    """Hands what may leave on to another processor, as it may leave."""
    from opentelemetry.sdk.trace import SpanProcessor

    class Redacting(SpanProcessor):
        def on_end(self, span: "ReadableSpan") -> None:
            """A span has ended, in the thread and in the request that it belongs to."""
            is_office = has_request_context() and not is_quiet(request.endpoint or "static")
            if is_office and span.name != _CONNECT:
                inner.on_end(redacted(span))

        def shutdown(self) -> None:
            """Sends what waits."""
            inner.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            """Sends what waits, now."""
            return inner.force_flush(timeout_millis)

    return Redacting()


def redacted(span: "ReadableSpan") -> "ReadableSpan":
    """The same span with nothing but times, kinds, and what is on the list."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    attributes = {key: value for key, value in (span.attributes or {}).items() if key in KEPT}
    return ReadableSpan(
        name=_name(span.name, attributes),
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=attributes,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _name(name: str, attributes: Mapping[str, Any]) -> str:
    # The first word is the method or the kind of statement; behind it stands an address or a file.
    word = _WORD.match(name)
    route = attributes.get("http.route", "")
    return f"{word[0] if word else 'span'} {route}".strip()


def _bare(context: Any) -> Any:
    # Whoever calls may have put anything into the state that comes along with a trace.
    from opentelemetry.trace import SpanContext

    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)

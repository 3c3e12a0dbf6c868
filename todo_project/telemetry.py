"""Traces for OpenTelemetry: a span for each request, and in it one for each statement.

Imported only if OTEL_EXPORTER_OTLP_ENDPOINT is set. OpenTelemetry's own variables configure all else, such as the name
of the service and the sampler. docs/decisions/0042-telemetry.md says why its instrumentation of Django is not used.
No span contains a path, a query, a header, a value of a statement or the message of an error.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from accounts.statement_count import observer
from todo_project.metrics import KNOWN_METHODS
from todo_project.server.access_log import LoggedResponse, StartResponse, WSGIApplication, template_of


class EnvironGetter(Getter[Mapping[str, Any]]):
    """Reads request headers from a WSGI environ."""

    def get(self, carrier: Mapping[str, Any], key: str) -> list[str] | None:
        value = carrier.get(f"HTTP_{key.upper().replace('-', '_')}")
        return None if value is None else [value]

    def keys(self, carrier: Mapping[str, Any]) -> list[str]:
        return [key.removeprefix("HTTP_").lower().replace("_", "-") for key in carrier if key.startswith("HTTP_")]


def with_traces(application: WSGIApplication) -> WSGIApplication:
    """Return `application` with a span for each request. Statements are seen from now on."""
    set_provider()
    tracer = trace.get_tracer("todo-api")
    getter = EnvironGetter()

    @contextmanager
    def statement_span(statement: str) -> Iterator[None]:
        name = statement.split(maxsplit=1)[0]
        attributes = {"db.system.name": "postgresql", "db.operation.name": name, "db.query.text": statement}
        # An error's message can quote a row.
        with tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    observer.around = statement_span

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        known = environ["REQUEST_METHOD"] in KNOWN_METHODS
        name, method = [environ["REQUEST_METHOD"]] * 2 if known else ("HTTP", "_OTHER")  # As OpenTelemetry has it.
        parent = propagate.extract(environ, getter=getter)
        span = tracer.start_span(name, parent, SpanKind.SERVER, {"http.request.method": method})
        status = "500"

        def note(new_status: str, *args: Any) -> Any:
            nonlocal status
            status = new_status[:3]
            return start_response(new_status, *args)

        def end() -> None:
            if route := template_of(environ.get("todo.route")):
                span.update_name(f"{name} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", int(status))
            if status >= "500":
                span.set_status(Status(StatusCode.ERROR))
            span.end()

        token = context.attach(trace.set_span_in_context(span, parent))
        try:
            body = application(environ, note)
        except BaseException:
            end()
            raise
        finally:
            context.detach(token)
        return LoggedResponse(body, end)  # It may be closed in another thread.

    return call


def set_provider() -> None:
    """Send spans to the endpoint, unless `opentelemetry-instrument` has already arranged for it."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)


def flush() -> None:
    """Send what waits, before a worker ends."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush(timeout_millis=5000)

"""With OTEL_EXPORTER_OTLP_ENDPOINT each request is a trace with all of its statements, and none of its contents."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection
from django.test import RequestFactory
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pytest_django.fixtures import Settings

from accounts.statement_count import observer
from accounts.statements import fetch_all
from tests.support.api_server import Api, manage
from tests.support.collector import Collector
from tests.support.databases import fresh_database, server_url
from tests.support.faults import raiser
from tests.support.people import token_of
from tests.support.server import SERVERS
from todo_project import observers, telemetry
from todo_project.server.access_log import WSGIApplication

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
# None is made of hexadecimal digits only: an id may have those.
SECRETS = ("Milk-of-the-test", "Oats-of-the-test", "otto", "someone@example.com")


def spans_in(collector: Collector) -> list[Any]:
    return [
        span
        for body in collector.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def attribute(span: Any, name: str) -> Any:
    (value,) = [each.value for each in span.attributes if each.key == name]
    return value.string_value or value.int_value


@pytest.mark.parametrize("server", SERVERS)
def test_every_statement_of_a_request_is_in_the_trace_of_its_caller(django_db_setup: None, server: str) -> None:
    requests = [
        ("POST", "/api/otto/tasks", {"title": "Milk-of-the-test", "description": "Oats-of-the-test"}, 201),
        ("GET", "/api/otto/tasks?q=Milk-of-the-test", None, 200),
        ("GET", "/api/me", None, 200),
        ("GET", "/api/otto/export", None, 200),
        ("GET", "/api/otto/tasks/1x", None, 422),
        ("GET", "/api/bob/tasks", None, 403),
        ("DELETE", "/api/otto?confirm=otto", None, 204),
    ]
    with fresh_database(server_url()) as url, Collector() as collector:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, server, WEB_CONCURRENCY="2", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as api:
            token = token_of("otto", secret=api.secret, email="someone@example.com", name="Otto")
            for number, (method, path, body, status) in enumerate(requests):
                traceparent = f"00-{TRACE[:-1]}{number}-{SPAN}-01"
                answer = api.send(method, path, body, Authorization=f"Bearer {token}", traceparent=traceparent)
                assert answer.status == status, answer.body
            # On the host of a probe, which is no allowed one, and from a foreign host, as without traces.
            assert api.send("GET", "/health", Host="10.0.0.7:8000").status == 200
            assert api.send("GET", "/api/me", Host="evil.example.com").json["status_code"] == 400
            # What waits is sent at the end of a worker.
            api.process.terminate()
            api.process.wait(30)
            api.log.seek(0)
            lines = [json.loads(line) for line in api.log.read().splitlines() if '"route"' in line]
        spans = spans_in(collector)
        sent = b"".join(collector.bodies)

    logged = [(line["method"], line["route"], line["status"], line["statements"]) for line in lines]
    for number, (method, _, _, status) in enumerate(requests):
        of_request = [span for span in spans if span.trace_id.hex() == f"{TRACE[:-1]}{number}"]
        (root,) = [span for span in of_request if span.kind == ExportKind.SERVER]
        statements = [span for span in of_request if span.kind == ExportKind.CLIENT]
        assert root.parent_span_id.hex() == SPAN
        assert {span.parent_span_id for span in statements} <= {root.span_id}
        route = root.name.removeprefix(f"{method} ") if " " in root.name else None
        assert (method, route, status, len(statements)) in logged
        assert all(attribute(span, "db.query.text") for span in statements)
        assert attribute(root, "http.response.status_code") == status
    names = {span.name for span in spans if span.kind == ExportKind.SERVER}
    assert {"GET /health", "GET /api/{user_id}/tasks", "POST /api/{user_id}/tasks", "DELETE /api/{user_id}"} <= names
    assert sum(line["statements"] for line in lines) > len(requests)
    assert not [text for text in (*SECRETS, token) if text.encode() in sent]


class ExportKind:
    """opentelemetry.proto.trace.v1.trace_pb2.Span.SpanKind."""

    SERVER = 2
    CLIENT = 3


@pytest.fixture(scope="session")  # A process has one provider, for good.
def exporter() -> InMemorySpanExporter:
    """What a provider exports that was set by others: by `opentelemetry-instrument`."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def traced(exporter: InMemorySpanExporter, settings: Settings) -> Iterator[InMemorySpanExporter]:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    observers.observed(lambda environ, start_response: [])
    exporter.clear()
    yield exporter
    observer.around = None


def respond(application: WSGIApplication, **request: Any) -> None:
    environ = RequestFactory().generic("GET", "/api/ada/tasks").environ | request
    response: Any = telemetry.with_traces(application)(environ, lambda *_: None)
    list(response)
    response.close()


@pytest.mark.django_db
def test_a_statement_that_fails_has_its_kind_of_error_and_no_message(traced: InMemorySpanExporter) -> None:
    with pytest.raises(DatabaseError, match="Milk"):
        fetch_all("SELECT %(title)s::int", {"title": "Milk"})
    connection.close()

    (span,) = traced.get_finished_spans()
    assert span.name == "SELECT"
    assert span.attributes
    assert span.attributes["error.type"] == "DataError"
    assert span.status.status_code is StatusCode.ERROR
    assert "Milk" not in span.to_json()


def test_a_request_that_fails_is_an_error(traced: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Milk"):
        respond(raiser(ValueError("Milk")))

    (span,) = traced.get_finished_spans()
    assert (span.name, span.kind, span.status.status_code) == ("GET", SpanKind.SERVER, StatusCode.ERROR)
    assert "Milk" not in span.to_json()
    assert trace.get_current_span() is trace.INVALID_SPAN


@pytest.mark.django_db  # Django closes old connections as a request begins.
def test_a_method_that_nobody_knows_names_no_span(traced: InMemorySpanExporter) -> None:
    respond(get_wsgi_application(), REQUEST_METHOD="MILK")

    assert [span.name for span in traced.get_finished_spans()] == ["HTTP /api/{user_id}/tasks"]


@pytest.mark.django_db  # Django closes old connections as a request begins.
def test_a_caller_who_wants_no_sample_gets_none(traced: InMemorySpanExporter) -> None:
    respond(get_wsgi_application(), HTTP_TRACEPARENT=f"00-{TRACE}-{SPAN}-00")

    assert traced.get_finished_spans() == ()


def test_headers_are_read_by_their_names() -> None:
    getter = telemetry.EnvironGetter()
    environ = {"HTTP_X_B3_TRACEID": "1", "REQUEST_METHOD": "GET"}

    assert getter.get(environ, "x-b3-traceid") == ["1"]
    assert getter.get(environ, "b3") is None
    assert getter.keys(environ) == ["x-b3-traceid"]


def test_without_a_provider_one_is_made_that_is_flushed_when_a_worker_ends(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: made[0] if made else None)
    monkeypatch.setattr(trace, "set_tracer_provider", made.append)
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"

    observers.flush()
    telemetry.set_provider()
    telemetry.set_provider()
    observers.flush()

    (provider,) = made
    assert isinstance(provider, TracerProvider)
    provider.shutdown()


def test_without_the_variables_nothing_observes() -> None:
    def application(environ: Any, start_response: Any) -> Any: ...

    assert observers.observed(application) is application
    assert observer.around is None
    observers.flush()

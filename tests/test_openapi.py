"""The OpenAPI document is valid 3.1 and says what the API does: no operation, answer or field more or less."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.people import Answer, Person
from tests.routes import REFUSED_BODIES, ROUTES_WITH_BODY, TASK_ROUTES, TOKEN_ROUTES, Route

type Schema = dict[str, Any]

OPERATIONS = [*TOKEN_ROUTES, Route("GET", "/", 200), Route("GET", "/health", 200)]
MEMBERS = ["id", "user_id", "title", "description", "completed", "created_at", "updated_at"]


@pytest.fixture(scope="module")
def document() -> Schema:
    """The document as it is served."""
    schema: Schema = Person("nobody").get("/openapi.json").json
    return schema


def operation(document: Schema, route: Route) -> Schema:
    """What the document says of a route."""
    described: Schema = document["paths"][route.template][route.method.lower()]
    return described


def test_the_document_is_valid_openapi_3_1(document: Schema) -> None:
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_is_made_without_a_warning() -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=StringIO())


def test_the_document_has_every_operation_and_no_other(document: Schema) -> None:
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}

    assert described == set(map(str, OPERATIONS))
    ids = [operation(document, route)["operationId"] for route in OPERATIONS]
    assert len(set(ids)) == len(OPERATIONS)


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_has_its_parameters(document: Schema, route: Route) -> None:
    parameters = {parameter["name"]: parameter for parameter in operation(document, route).get("parameters", [])}
    expected = {name for name in ("user_id", "task_id") if f"{{{name}}}" in route.template}
    expected |= {"status", "sort"} if route == TASK_ROUTES[0] else set()

    assert set(parameters) == expected
    assert all(parameter["description"] for parameter in parameters.values())
    if "task_id" in expected:
        assert parameters["task_id"]["schema"]["type"] == "integer"
    if "status" in expected:
        assert set(parameters["status"]["schema"]["enum"]) == {"all", "pending", "completed"}
        assert set(parameters["sort"]["schema"]["enum"]) == {"created", "title"}
        assert parameters["status"]["schema"]["default"] == "all"
        assert parameters["sort"]["schema"]["default"] == "created"


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_wants_the_bearer_scheme_where_it_wants_a_token(document: Schema, route: Route) -> None:
    scheme = document["components"]["securitySchemes"]["bearer"]

    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert operation(document, route)["security"] == ([{"bearer": []}] if route in TOKEN_ROUTES else [{}])


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_has_examples_that_its_own_schemas_accept(document: Schema, route: Route) -> None:
    described = operation(document, route)

    for told in [*described["responses"].values(), described.get("requestBody", {})]:
        for media in told.get("content", {}).values():
            examples = [named["value"] for named in media.get("examples", {}).values()] or [media["example"]]
            for example in examples:
                validate(document, media["schema"], example)


def test_a_tasks_fields_are_all_required_and_its_id_is_an_integer(document: Schema) -> None:
    task = document["components"]["schemas"]["Task"]

    assert list(task["properties"]) == MEMBERS
    assert set(task["required"]) == set(MEMBERS)
    assert task["properties"]["id"]["type"] == "integer"
    assert set(task["properties"]["description"]["type"]) == {"string", "null"}
    assert task["properties"]["created_at"]["format"] == task["properties"]["updated_at"]["format"] == "date-time"


@pytest.mark.parametrize("route", ROUTES_WITH_BODY, ids=str)
def test_a_body_has_its_fields_and_is_required(document: Schema, route: Route) -> None:
    body = operation(document, route)["requestBody"]
    fields = resolved(document, body["content"]["application/json"]["schema"])

    assert body["required"] is True
    assert list(body["content"]) == ["application/json"]
    assert list(fields["properties"]) == ["title", "description"] + ["completed"] * (route.method == "PUT")
    assert fields.get("required", []) == ["title"] * (route.method == "POST")
    assert fields["properties"]["title"]["maxLength"] == 200
    assert fields["properties"]["description"]["maxLength"] == 1000


def resolved(document: Schema, schema: Schema) -> Schema:
    """The schema that a reference names."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: Schema = document["components"]["schemas"][name] if name else schema
    return found


def validate(document: Schema, schema: Schema, value: Any) -> None:
    """Raise ValidationError unless `value` is what the schema says; no member may go unmentioned."""
    OAS31Validator({**schema, "components": document["components"]}).validate(value)
    described = resolved(document, schema.get("items", schema)).get("properties", {})
    for row in value if isinstance(value, list) else [value]:
        assert set(row) <= set(described)


def answers(route: Route, owner: Person, stranger: Person, nobody: Person) -> Iterator[Answer]:
    """Every kind of answer that a route has, but for faults of the server's."""
    path = route.path("owner", owner.has_task("Buy milk", description="Two litres")["id"])
    yield nobody.send(route.method, path, route.body)
    yield stranger.send(route.method, path, route.body)
    yield owner.send(route.method, route.path("owner"), route.body)
    yield owner.send(route.method, route.path("owner", "x"), route.body)
    if route.body:
        yield from (owner.send(route.method, path, **sent) for sent, _ in REFUSED_BODIES.values())
    if route == TASK_ROUTES[0]:
        yield owner.get(path + "?sort=")
        yield owner.get(path + "?" + "a=1&" * 1001)
    yield owner.send(route.method, path, route.body)


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_every_answer_is_described_and_every_described_answer_is_given(
    document: Schema, route: Route, owner: Person, stranger: Person, nobody: Person
) -> None:
    described = operation(document, route)["responses"]
    given = set()

    for answer in answers(route, owner, stranger, nobody):
        given.add(str(answer.status))
        entry = described[str(answer.status)]
        assert set(entry.get("headers", {})) <= set(answer.headers)
        if answer.content:
            validate(document, entry["content"]["application/json"]["schema"], answer.json)
        else:
            assert "content" not in entry

    assert set(described) == given | {"500"} | ({"503"} if route in TOKEN_ROUTES else set())

"""The OpenAPI document is valid 3.1 and describes exactly the API: its operations, responses and fields."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_django.fixtures import Settings

from tasks.models import Task, TaskList
from tests.support.people import Answer, Person
from tests.support.routes import (
    ERASURE,
    REFUSED_BODIES,
    ROUTES_OF_A_TASK,
    ROUTES_OF_TEXT,
    ROUTES_WITH_BODY,
    TASK_ROUTES,
    TOKEN_ROUTES,
    Route,
)

type Schema = dict[str, Any]

OPERATIONS = [*TOKEN_ROUTES, Route("GET", "/", 200), Route("GET", "/health", 200), Route("GET", "/ready", 200)]
MEMBERS = ["id", "user_id", "title", "description", "completed", "created_at", "updated_at"]
MEMBERS += ["completed_at", "due_date", "priority", "tags", "deleted_at", "version"]
PRIORITIES = ["none", "low", "medium", "high"]
LIST, CREATE = TASK_ROUTES[:2]
(FEED,) = (route for route in TASK_ROUTES if route.template.endswith("/changes"))
LIST_PARAMETERS = {"sort", "order", "q", "tag", "priority", "due_before", "due_after", "limit", "cursor", "Prefer"}
HEADERS = (
    "ETag",
    "Location",
    "Link",
    "Idempotency-Replayed",
    "X-Total-Count",
    "Preference-Applied",
    "Content-Disposition",
)
STATUSES = {
    "GET": {"all", "pending", "completed", "deleted"},
    "PATCH": {"all", "pending", "completed"},
    "DELETE": {"all", "completed"},
}


def takes_if_match(route: Route) -> bool:
    """Return whether the route changes one existing task."""
    return route in ROUTES_OF_A_TASK and route.method != "GET"


@pytest.fixture(scope="module")
def document() -> Schema:
    schema: Schema = Person("nobody").get("/openapi.json").json
    return schema


def operation(document: Schema, route: Route) -> Schema:
    described: Schema = document["paths"][route.template][route.method.lower()]
    return described


def test_the_document_is_valid_openapi_3_1(document: Schema) -> None:
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_is_generated_without_a_warning() -> None:
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
    expected |= LIST_PARAMETERS if route == LIST else set()
    expected |= {"confirm"} if route == ERASURE else {"status"} if route.query or route == LIST else set()
    expected |= {"If-Match"} if takes_if_match(route) else set()
    expected |= {"If-None-Match"} if route.method == "GET" and route in TASK_ROUTES and route != FEED else set()
    expected |= {"since", "limit"} if route == FEED else set()
    expected |= {"Idempotency-Key"} if route == CREATE else set()

    assert set(parameters) == expected
    assert all(parameter["description"] for parameter in parameters.values())
    if "task_id" in expected:
        assert parameters["task_id"]["schema"]["type"] == "integer"
    if route == ERASURE:
        assert parameters["confirm"]["required"] is True
    if "status" in expected:
        assert set(parameters["status"]["schema"]["enum"]) == STATUSES[route.method]
        assert parameters["status"].get("required", False) is bool(route.query)
        assert parameters["status"]["schema"].get("default") == ("all" if route == LIST else None)
    if "sort" in expected:
        assert set(parameters["sort"]["schema"]["enum"]) == {"created", "title", "updated", "due_date", "priority"}
        assert set(parameters["priority"]["schema"]["enum"]) == set(PRIORITIES)
        assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200}
        assert parameters["tag"]["schema"]["type"] == "array"
        assert parameters["sort"]["schema"]["default"] == "created"
    if route == FEED:
        assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 200}
        assert not any(parameters[name].get("required", False) for name in ("since", "limit"))
    for header in expected & {"If-Match", "If-None-Match", "Idempotency-Key", "Prefer"}:
        assert (parameters[header]["in"], parameters[header].get("required", False)) == ("header", False)


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_has_the_bearer_scheme_if_it_needs_a_token(document: Schema, route: Route) -> None:
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
    for name in ("created_at", "updated_at", "completed_at", "deleted_at"):
        assert task["properties"][name]["format"] == "date-time"
    assert task["properties"]["due_date"]["format"] == "date"
    assert task["properties"]["priority"]["enum"] == PRIORITIES
    assert task["properties"]["tags"]["items"] == {"type": "string", "minLength": 1, "maxLength": 50}
    for name in ("completed_at", "deleted_at", "due_date"):
        assert set(task["properties"][name]["type"]) == {"string", "null"}
    assert task["properties"]["version"]["type"] == "integer"


@pytest.mark.parametrize("route", ROUTES_WITH_BODY, ids=str)
def test_a_body_is_required_and_merge_patch_is_for_patch_of_a_task(document: Schema, route: Route) -> None:
    body = operation(document, route)["requestBody"]
    merges = route.method == "PATCH" and route in ROUTES_OF_A_TASK

    assert body["required"] is True
    assert set(body["content"]) == {"application/json"} | ({"application/merge-patch+json"} if merges else set())


@pytest.mark.parametrize("route", ROUTES_OF_TEXT, ids=str)
def test_a_body_has_its_fields(document: Schema, route: Route) -> None:
    content = operation(document, route)["requestBody"]["content"]
    fields = resolved(document, content["application/json"]["schema"])

    members = ["title", "description", "completed", "due_date", "priority", "tags"]
    assert list(fields["properties"]) == [name for name in members if name != "completed" or route.method != "POST"]
    assert fields.get("required", []) == ["title"] * (route.method == "POST")
    assert fields["properties"]["title"]["maxLength"] == 200
    assert fields["properties"]["description"]["maxLength"] == 1000


def resolved(document: Schema, schema: Schema) -> Schema:
    """Return the schema that a reference points to."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: Schema = document["components"]["schemas"][name] if name else schema
    return found


def validate(document: Schema, schema: Schema, value: Any) -> None:
    """Raise ValidationError unless `value` matches the schema and has no undocumented field."""
    OAS31Validator({**schema, "components": document["components"]}).validate(value)
    described = resolved(document, schema.get("items", schema)).get("properties", {})
    for row in value if isinstance(value, list) else [value]:
        assert set(row) <= set(described)


@pytest.fixture
def everybody(owner: Person, stranger: Person, nobody: Person) -> tuple[Person, Person, Person]:
    """All who call."""
    return owner, stranger, nobody


def answers(route: Route, owner: Person, stranger: Person, nobody: Person, settings: Settings) -> Iterator[Answer]:
    """Every kind of answer that a route has, but for faults of the server's."""
    path = route.path("owner", owner.has_task("Buy milk", description="Two litres")["id"])
    yield nobody.send(route.method, path, route.body)
    yield stranger.send(route.method, path, route.body)
    yield owner.send(route.method, route.path("owner"), route.body)
    yield owner.send(route.method, route.path("owner", "x"), route.body)
    if route.body:
        yield from (owner.send(route.method, path, **sent) for sent, _ in REFUSED_BODIES.values())
    if route == LIST or route.query:
        without_query = path.partition("?")[0]
        yield owner.send(route.method, f"{without_query}?status=", route.body)
        yield owner.send(route.method, f"{without_query}?" + "a=1&" * 1001, route.body)
    if route == FEED:
        yield (page := owner.get(f"{path}?limit=1"))
        yield owner.get(f"{path}?since=")
        yield owner.get(f"{path}?" + "a=1&" * 1001)
        Task.objects.all().delete()
        yield owner.get(f"{path}?since={page.json['revision']}")
        TaskList.objects.all().delete()
        yield owner.get(f"{path}?since={page.json['revision']}")
    if takes_if_match(route):
        yield owner.send(route.method, path, route.body, if_match="no tag")
        yield owner.send(route.method, path, route.body, if_match='"99"')
    if route in ROUTES_OF_A_TASK and route.method == "GET":
        yield owner.send(route.method, path, if_none_match="no tag")
        yield owner.send(route.method, path, if_none_match='"1"')
    if route == LIST:
        owner.has_task()
        yield (page := owner.get(f"{path}?limit=1", prefer="count=exact"))
        yield owner.get(f"{path}?limit=1", prefer="count=exact", if_none_match=page.headers["ETag"])
        yield owner.get(path, if_none_match="no tag")
    yield from answers_at_the_limit(route, owner, settings)
    yield owner.send(route.method, path, route.body)


def answers_at_the_limit(route: Route, owner: Person, settings: Settings) -> Iterator[Answer]:
    """What a create and a restore answer where the list is full; and a create that is sent again."""
    if route == CREATE:
        yield from (owner.post(owner.tasks, route.body, idempotency_key="k") for _ in range(2))
        settings.TASKS_PER_USER_LIMIT = 1
        yield owner.post(owner.tasks, route.body)
        settings.TASKS_PER_USER_LIMIT = 10
    if route.template.endswith("/restore"):
        trashed = owner.has_task()
        owner.delete(owner.path(trashed))
        settings.TASKS_PER_USER_LIMIT = 1
        yield owner.send(route.method, route.path("owner", trashed["id"]))


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_every_response_is_described_and_every_described_response_occurs(
    document: Schema, route: Route, everybody: tuple[Person, Person, Person], settings: Settings
) -> None:
    described = operation(document, route)["responses"]
    given = set()

    for answer in answers(route, *everybody, settings):
        given.add(str(answer.status))
        entry = described[str(answer.status)]
        always = {name for name, header in entry.get("headers", {}).items() if header.get("required", False)}
        assert always <= set(answer.headers)
        assert {name for name in HEADERS if name in answer.headers} <= set(entry.get("headers", {}))
        if answer.content:
            validate(document, entry["content"]["application/json"]["schema"], answer.json)
        else:
            assert "content" not in entry

    by_the_server = {"408"} if "413" in given else set()  # tests/project/test_rsgi.py
    assert set(described) == given | by_the_server | {"500"} | ({"503"} if route in TOKEN_ROUTES else set())

"""How the OpenAPI document describes texts in requests: without NUL, and not blank unless they may be empty.

A length is that of the trimmed text. No schema can say so: a longer text is accepted if trimming makes it short enough.
"""

from collections.abc import Iterator
from typing import Any

from tasks.constraints import INVISIBLE_CHARACTERS

type Schema = dict[str, Any]

ANY = r"^[^\u0000]*$"
# White space of JavaScript (\s) lacks what Python's has: U+001C to U+001F and U+0085.
VISIBLE = rf"^[^\u0000]*[^\u0000\u001c-\u001f\u0085{INVISIBLE_CHARACTERS}][^\u0000]*$"


def add_patterns(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Add the pattern to each text of bodies and query parameters (drf-spectacular's postprocessing hook)."""
    for schema in sent(result):
        text = schema.get("items", schema)
        if "string" in text.get("type", "") and not text.keys() & {"format", "enum"}:
            text["pattern"] = VISIBLE if text.get("minLength") else ANY
    return result


def sent(document: Schema) -> Iterator[Schema]:
    """Return the schemas of what clients send: fields of bodies and query parameters."""
    for name, component in document["components"]["schemas"].items():
        if name.endswith("Request"):
            yield from component["properties"].values()
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    yield parameter["schema"]

"""The page of the documentation about the routes: python -m tests.openapi_page

It shows the description in /api/openapi.json, so that nobody needs a program to read
it. After a change of the description, write the page anew:

    python -m tests.openapi_page >docs/openapi.md
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from page_tracker.web.openapi import describe

_HEAD = """\
# OpenAPI

`/api/openapi.json` describes all routes of the tracker for programs, in OpenAPI 3.1:
their parameters, and the forms of their answers. It needs no token:

```console
$ curl https://counter.example/api/openapi.json
{"openapi": "3.1...
```

Give this address to a generator of clients, or to a program that shows and tries APIs.
Answers may get further keys in later versions, so programs should ignore those that
they do not know. This page shows the same description. [HTTP API](http-api.md) explains
the routes.
"""
_WITHOUT_CONTENT = ("head", "options")


def page() -> str:
    """Return the page in Markdown."""
    return "\n".join(_lines(describe("")))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield _HEAD
    yield "## Routes"
    for path, operations in document["paths"].items():
        yield f"\n### `{path}`\n"
        yield from _path(operations)
    yield "\n## Schemas"
    for name, schema in document["components"]["schemas"].items():
        yield f"\n### {name}\n"
        yield from _schema(schema)
    yield "\n## Headers\n"
    yield "| header | meaning |\n|---|---|"
    for name, header in document["components"]["headers"].items():
        yield f"| `{name}` | {header['description']} |"
    yield ""


def _path(operations: Mapping[str, Any]) -> Iterator[str]:
    for method, operation in operations.items():
        yield f"- {method.upper()}: {operation['summary']}{_security(operation)}"
    for method, operation in operations.items():
        if method not in _WITHOUT_CONTENT:
            yield from _operation(method.upper(), operation)


def _security(operation: Mapping[str, Any]) -> str:
    kinds = [f"`{kind}`" for each in operation["security"] for kind in each]
    return f" Needs one of {', '.join(kinds)}." if kinds else ""


def _operation(method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    if parameters := operation["parameters"]:
        yield f"\n| parameter of {method} | in | type | meaning |\n|---|---|---|---|"
        for each in parameters:
            required = " Required." if each["required"] else ""
            meaning = f"{each['description']}{required}"
            kind = _type_of(each["schema"])
            yield f"| `{each['name']}` | {each['in']} | {kind} | {meaning} |"
    if body := operation.get("requestBody"):
        yield f"\nThe content of {method}: {_contents(body['content'])}."
    yield f"\n| answer to {method} | content | meaning |\n|---|---|---|"
    for status, each in operation["responses"].items():
        headers = ", ".join(f"`{name}`" for name in each.get("headers", {}))
        meaning = each["description"] + (f" Headers: {headers}." if headers else "")
        yield f"| {status} | {_contents(each.get('content', {}))} | {meaning} |"


def _contents(content: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{media_type}: {kind}" if (kind := _type_of(each["schema"])) else media_type
        for media_type, each in content.items()
    )


def _schema(schema: Mapping[str, Any]) -> Iterator[str]:
    if text := schema.get("description"):
        yield f"{text}\n"
    if "properties" not in schema:
        yield f"{_type_of(schema)}."
        return
    yield "| key | type | meaning |\n|---|---|---|"
    yield from _properties(schema, "")


def _properties(schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, each in schema["properties"].items():
        required = name in schema.get("required", ())
        meaning = each.get("description", "") + ("" if required else " Optional.")
        yield f"| `{prefix}{name}` | {_type_of(each)} | {meaning.strip()} |"
        inner, mark = each.get("items", each), "[]" if "items" in each else ""
        if "properties" in inner:
            yield from _properties(inner, f"{prefix}{name}{mark}.")


def _type_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a value in words, with links to other schemas."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(map(_type_of, schema[key]))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" if each else "empty" for each in schema["enum"])
    if "items" in schema:
        return f"list of {_type_of(schema['items']) or 'values'}"
    kinds = schema.get("type", "")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if schema.get("format") == "date":
        kind = kind.replace("string", "day")
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"))
        if key in schema
    ]
    return " ".join([kind, *limits])


if __name__ == "__main__":
    print(page(), end="")

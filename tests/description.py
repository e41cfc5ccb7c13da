"""Checks answers against the description of the routes in /api/openapi.json."""

from collections.abc import Mapping
from typing import Any

from openapi_schema_validator import OAS31Validator
from webtest import TestResponse


class Description:
    """The description of a tracker, as a document of OpenAPI 3.1."""

    def __init__(self, document: dict[str, Any]) -> None:
        # Clients have to accept further properties, but each should be described.
        self.document = _closed(document)

    @property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The operations by their paths and methods."""
        return {
            (path, method.upper()): operation
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def check(self, route: str, method: str, answer: TestResponse) -> None:
        """Fail if the answer is not as described."""
        operations = self.operations
        # A method that a path does not have is answered like one that it has.
        known = [each for path, each in operations if path == route]
        method = method if method in known else known[0]
        answers = operations[route, method]["responses"]
        described = answers.get(str(answer.status_int), answers.get("default"))
        assert described, f"{answer.status} is not described"
        self._check_headers(described.get("headers", {}), answer)
        content = described.get("content")
        if content is None or answer.request.method == "HEAD":
            assert answer.body == b""
            return
        assert answer.content_type in content
        schema = content[answer.content_type]["schema"]
        if not schema:
            # An image, a style or a script.
            assert answer.body
            return
        is_json = answer.content_type == "application/json"
        self._check(answer.json if is_json else answer.text, schema)

    def _check_headers(
        self, headers: Mapping[str, dict[str, str]], answer: TestResponse
    ) -> None:
        sent = {name for name in answer.headers if name.startswith("Page-Tracker-")}
        assert sent <= set(headers)
        for name in headers:
            if name in answer.headers:
                header = self.document["components"]["headers"][name]
                self._check(answer.headers[name], header["schema"])
            else:
                # Every other header is always there.
                assert name.startswith("Page-Tracker-")

    def _check(self, value: object, schema: dict[str, Any]) -> None:
        components = {"components": self.document["components"]}
        validator = OAS31Validator(
            schema | components, format_checker=OAS31Validator.FORMAT_CHECKER
        )
        validator.validate(value)


def _closed(part: Any) -> Any:
    """Return a part of a document whose objects have no further properties."""
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {key: _closed(value) for key, value in part.items()}
    if isinstance(part.get("properties"), dict) and "type" in part:
        closed.setdefault("additionalProperties", False)
    return closed

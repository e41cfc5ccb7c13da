"""Exports and imports over HTTP are as /api/openapi.json describes them."""

import os
from pathlib import Path

import pytest
from webtest import TestApp

from page_tracker import Page, Rules, create_app, open_backend
from tests.description import Description
from tests.owner import TOKEN, owner_of

CSV = b"page,views\nexample.com/blog,40\n"


@pytest.fixture(name="client")
def fixture_client(tmp_path: Path) -> TestApp:
    """The owner of a tracker that counts in a file."""
    url = f"sqlite:{tmp_path}/counts.db"
    backend = open_backend(url)
    backend.set_views(Page("old.example", "/"), 3)
    tracker = create_app(backend=backend, rules=Rules(token=TOKEN))
    tracker.commands.environ = os.environ | {"PAGE_TRACKER_BACKEND": url}
    return owner_of(tracker)


@pytest.fixture(name="description")
def fixture_description(client: TestApp) -> Description:
    """The description that the tracker gives."""
    return Description(client.get("/api/openapi.json").json)


@pytest.mark.parametrize("query", ["", "?format=json", "?format=json&site=old.example"])
def test_should_describe_exports(
    client: TestApp, description: Description, query: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(f"/api/export{query}", method=method, status=200)
        description.check("/api/export", method, answer)


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", CSV, 200),
        ("?dry_run=true", CSV, 200),
        ("", b"no table", 400),
        ("?mode=none", CSV, 400),
        ("?dry_run=true", CSV.replace(b"example.com", b"old.example"), 400),
    ],
)
def test_should_describe_imports(
    client: TestApp, description: Description, query: str, body: bytes, status: int
) -> None:
    answer = client.request(
        f"/api/import{query}",
        method="POST",
        body=body,
        headers={"Content-Type": "text/csv"},
        status=status,
    )

    description.check("/api/import", "POST", answer)

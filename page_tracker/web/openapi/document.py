"""The whole description, as a document of OpenAPI 3.1."""

from importlib.metadata import version

from page_tracker.web.openapi import changes, files, many_views, owner, public
from page_tracker.web.openapi.parts import Object
from page_tracker.web.openapi.schemas import HEADERS, SCHEMAS

_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of the owner, PAGE_TRACKER_TOKEN.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The same token as the password of any user.",
    },
    "link": {
        "type": "http",
        "scheme": "bearer",
        "description": "The secret of a link to one site: page-tracker share.",
    },
}


def describe(url: str) -> Object:
    """Return the description of a tracker at this URL, which may be a path."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "page_tracker",
            "summary": "A page-view counter that you host yourself.",
            "version": version("page-tracker"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url or "/"}],
        "paths": public.PATHS
        | owner.PATHS
        | changes.PATHS
        | many_views.PATHS
        | files.PATHS,
        "components": {
            "schemas": SCHEMAS | changes.SCHEMAS | many_views.SCHEMAS | files.SCHEMAS,
            "headers": HEADERS,
            "securitySchemes": _SECURITY,
        },
    }

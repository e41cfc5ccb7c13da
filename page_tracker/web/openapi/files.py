"""The routes for files: export and import."""

from page_tracker.web.openapi.owner import SECURITY, owners
from page_tracker.web.openapi.parts import (
    JSON,
    Object,
    a_day,
    a_list,
    a_number,
    a_text,
    an_object,
    answer,
    content,
    errors,
    in_json,
    operation,
    parameter,
    ref,
)
from page_tracker.web.uploads import MEDIA_TYPES

_TRUE_OR_FALSE = {"enum": ["true", "false"]}
_FILES = a_list(
    an_object(
        file=a_text("The name of the file."),
        format=a_text("Its format."),
        first_day=a_day("Its first day; null without days.", or_null=True),
        last_day=a_day("Its last day; null without days.", or_null=True),
        views=a_number("All its views."),
        notes=a_list(a_text(), "What to know about it."),
        left_out={
            "type": "object",
            "description": "How many rows were left out, by reason.",
            "additionalProperties": a_number(),
        },
    ),
    "What the files contain.",
)
_SITES = a_list(
    an_object(
        site=a_text("The host of the site. Empty for the tracker's own site."),
        views=a_number("Its views."),
        pages=a_number("Its pages."),
        days=a_number("How many days have views."),
        days_with_visitors=a_number("How many days have visitors."),
        referrers=a_number("How many hosts brought views."),
    ),
    "What each site gets.",
)
_IMPORT: dict[str, Object] = {
    "added": {
        "type": "boolean",
        "description": "Whether counts have changed. False for a dry run, and if they "
        "have been imported before.",
    },
    "files": _FILES,
    "skipped": {
        "type": "object",
        "description": "The files that were skipped, with the reason.",
        "additionalProperties": a_text(),
    },
    "sites": _SITES,
}
SCHEMAS: dict[str, Object] = {
    "Import": an_object(**_IMPORT),
    "FailedImport": {
        **an_object(error=a_text("What is wrong, and what is allowed.")),
        "properties": {"error": a_text("What is wrong, and what is allowed.")}
        | _IMPORT,
    },
}

_EXPORTED = answer(
    "The file. It is streamed. If it breaks off, so does the connection.",
    content({}, "text/csv") | content(ref("Exported"), JSON),
    "Content-Disposition",
)
SCHEMAS["Exported"] = an_object(
    "All that is kept: a backup, and a file for an import.",
    format={"const": "page-tracker"},
    version=a_number(minimum=1),
    counts=a_list({"type": "object"}, "The counts, as Command line explains them."),
)
_PARAMETERS = [
    parameter("dry_run", "Whether to only say what would change.", _TRUE_OR_FALSE),
    parameter(
        "mode",
        "Add to counts that are there, or replace them. Without it, refuse them.",
        {"enum": ["add", "replace"]},
    ),
    parameter("count_visits", "Whether visits count as views.", _TRUE_OR_FALSE),
    parameter("format", "The format, if it is not recognized."),
    parameter("site", "The only site to import; ~ for the tracker's own."),
    parameter("timezone", "The time zone in which days begin."),
    parameter("columns", "The names of columns."),
    parameter("from", "The first day to import.", a_day()),
    parameter("until", "The last day to import.", a_day()),
]
_REFUSED = {
    "400": {
        "description": "A parameter or the file is wrong. Nothing was imported.",
        "content": content(ref("FailedImport"), JSON),
    }
}

PATHS: dict[str, Object] = {
    "/api/export": owners(
        "export",
        "A file with all counts, or those of one site.",
        _EXPORTED | errors(404, 409),
        [
            parameter(
                "format",
                "csv has the total views of each page, json all that is kept.",
                {"enum": ["csv", "json"]},
            ),
            parameter("site", "Only this site; ~ for the tracker's own."),
        ],
    ),
    "/api/import": {
        "post": operation(
            "import",
            "Imports a file, or says what that would do.",
            in_json("The import has ended.", "Import")
            | errors(401, 403, 408, 409, 413, 415, 429, 503, 507)
            | _REFUSED,
            _PARAMETERS,
            requestBody={"required": True, "content": content({}, *MEDIA_TYPES)},
            security=SECURITY,
        )
    },
}
"""The description of each path."""

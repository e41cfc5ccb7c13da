"""The schemas of contents, and the headers, by their names."""

from page_tracker.counting.model import MAX_VIEWS, Ignored
from page_tracker.web.openapi.parts import (
    Object,
    a_day,
    a_list,
    a_number,
    a_text,
    an_object,
    ref,
)

_SITE = a_text("The host of the site. Empty for the tracker's own site.")
_NAME = a_text("The host as people write it.")
_PAGE = a_text("The name of the page: its site and its path.")
_PATH = a_text("The path of the page.")
_VISITORS = "How many visitors. Redis estimates it, with a standard error of about 1 %."
_SPAN = {
    "from": a_day("The first day; null for all time.", or_null=True),
    "to": a_day("The last day; null for all time.", or_null=True),
}
_NEXT: Object = {
    "type": ["string", "null"],
    "description": "The cursor of what follows; null at the end.",
}


def _views(description: str) -> Object:
    return a_number(description, maximum=MAX_VIEWS)


_BADGE = {
    "schemaVersion": {"const": 1},
    "label": a_text("What the number is."),
    "message": a_text("The number, or what is wrong in a few words."),
    "labelColor": a_text("The color of the label."),
    "style": a_text("The style of the badge."),
}
_READY = {
    "ready": {"const": True},
    "backend": a_text("The storage.", enum=["sqlite", "redis", "memory"]),
    "warnings": a_list(a_text(), "How counts may be lost."),
}

SCHEMAS: dict[str, Object] = {
    "Error": an_object(error=a_text("What is wrong, and what is allowed.")),
    "Tally": an_object(
        page=_PAGE,
        views=_views("All views of the page."),
        site=_SITE,
        site_views=_views("All views of the site."),
        site_visitors_today=a_number(_VISITORS),
    ),
    "Value": an_object(value=_views("All views of the page.")),
    "Badge": an_object(
        "A badge, as shields.io reads it.",
        **_BADGE,
        color=a_text("The color of the number."),
    ),
    "FailedBadge": an_object("A badge that says what is wrong.", **_BADGE)
    | {
        "properties": {**_BADGE, "isError": {"const": True}},
        "required": [*_BADGE, "isError"],
    },
    "Ready": an_object(**_READY)
    | {
        "properties": {
            **_READY,
            "file_system": a_text("The type of the file system of the SQLite file."),
            "free_bytes": a_number("The free space there."),
            "integrity": a_text('"ok", "not checked yet", or the damage.'),
            "last_commit_ms": {"type": "number", "minimum": 0},
        }
    },
    "NotReady": an_object(
        ready={"const": False},
        backend=_READY["backend"],
        error=a_text("Why the tracker cannot count, and what to do."),
    ),
    "SiteTotal": an_object(
        site=_SITE,
        name=_NAME,
        views=_views("All views."),
        pages=a_number("How many pages have views."),
        views_today=_views("The views of today."),
        visitors_today=a_number(_VISITORS),
    ),
    "Sites": an_object(
        today=a_day("The current day in the time zone of the tracker."),
        sites=a_list(ref("SiteTotal"), "The most viewed site first."),
    ),
    "Pages": an_object(
        site=_SITE,
        name=_NAME,
        **_SPAN,
        views=_views("All views of the site in the span."),
        pages=a_list(
            an_object(page=_PAGE, path=_PATH, views=_views("Its views in the span.")),
            "The most viewed page first.",
        ),
        next=_NEXT,
    ),
    "Referrers": an_object(
        site=_SITE,
        name=_NAME,
        **_SPAN,
        views=_views("All views of the site in the span."),
        unknown=_views("The views that came directly, or nobody knows from where."),
        others=_views("The views that came from hosts beyond the limit."),
        recorded={"type": "boolean", "description": "Whether new ones are recorded."},
        referrers=a_list(
            an_object(
                referrer=a_text("The host."),
                name=_NAME,
                views=_views("What it brought."),
            ),
            "The host that brought most views first.",
        ),
        next=_NEXT,
    ),
    "SiteHistory": an_object(
        site=_SITE,
        name=_NAME,
        **_SPAN,
        first_day=a_day("The first day with views; null if unknown.", or_null=True),
        days=a_list(
            an_object(day=a_day(), views=_views(""), visitors=a_number(_VISITORS)),
            "Each day, the oldest first.",
        ),
    ),
    "PageHistory": an_object(
        site=_SITE,
        name=_NAME,
        **_SPAN,
        page=_PAGE,
        path=_PATH,
        views=_views("All views of the page, of all time."),
        site_views=_views("All views of the site, of all time."),
        days=a_list(
            an_object(day=a_day(), views=_views("")), "Each day, the oldest first."
        ),
    ),
    "Ignored": an_object(
        **_SPAN,
        sites=a_list(
            an_object(
                site=_SITE,
                name=_NAME,
                ignored=an_object(
                    "How many views were not counted, by reason.",
                    **{reason.value: a_number() for reason in Ignored},
                ),
            )
        ),
    ),
}

HEADERS: dict[str, Object] = {
    "Page-Tracker-Ignored": {
        "description": "Why the view was not counted. Absent if it was.",
        "schema": {"enum": [*(reason.value for reason in Ignored), "local"]},
    },
    "Page-Tracker-Error": {
        "description": "What is wrong, and what is allowed. Absent if nothing is.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "The accepted kinds of credentials.",
        "schema": {"type": "string"},
    },
    "Content-Disposition": {
        "description": "The name of the file.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "In how many seconds to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Location": {
        "description": "The address, relative to that of the request.",
        "schema": {"type": "string"},
    },
}

"""Values in the fields of foreign files: URLs and times."""

import re
from datetime import date, datetime, tzinfo

from page_tracker.counting.parsing import quoted

_END_OF_HOST = re.compile("[/?#]")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


def split_url(url: str) -> tuple[str, str]:
    """Return the host and what follows it. The URL and the host may have a scheme."""
    scheme, slashes, _ = url.partition("://")
    begin = len(scheme + slashes) if slashes and scheme.isalpha() else 0
    end = _END_OF_HOST.search(url, begin)
    if end is None:
        return url, "/"
    return url[: end.start()], url[end.start() :]


def day_of_time(text: str, timezone: tzinfo, default: tzinfo | None = None) -> date:
    """Return the day in a time zone at a time that is written as in ISO 8601.

    A time that names no zone is in the default zone. Raises ValueError.
    """
    match = _TIME.fullmatch(text)
    if match and (match[1] or default):
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is None:
                time = time.replace(tzinfo=default)
            return time.astimezone(timezone).date()
        except (ValueError, OverflowError):
            pass
    example = "2026-11-20 08:00:00" if default else "2026-11-20T08:00:00Z"
    raise ValueError(f"{quoted(text)} is not a time; allowed: a time such as {example}")

"""Points in time in files, and the days on which they are."""

from datetime import UTC, date, datetime, tzinfo

from page_tracker.counting.parsing import quoted


def day_of(text: str, timezone: tzinfo) -> date:
    """Return the day of a time such as 2026-11-20T08:00:00Z (RFC 3339) in a time zone.

    A time without an offset is in UTC. Raises ValueError.
    """
    try:
        # fromisoformat() also accepts a day alone, and any other separator.
        if text[10:11] in ("T", " "):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return moment.astimezone(timezone).date()
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"{quoted(text)} is not a time; allowed: a time such as 2026-11-20T08:00:00Z"
    )

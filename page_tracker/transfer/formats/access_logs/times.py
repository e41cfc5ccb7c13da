"""Convert the times in access logs to days."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1
    )
}
COMMON_TIME = r"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d):\d\d ([+-]\d{4})"
"""The expression for a time in the common log format: its minute, and its offset."""

_COMMON = re.compile(COMMON_TIME, re.ASCII)
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d):\d\d(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# Larger numbers are in these units. 1e11 seconds would be in the year 5138.
_MILLISECONDS, _NANOSECONDS, _MAX_TIMESTAMP = 1e11, 1e14, 1e20


class Days:
    """Converts times to days in one time zone.

    Each method raises ValueError if there is no such time. Lines with times in the same
    minute follow one another, so that the last minutes are cached.
    """

    def __init__(self, timezone_: tzinfo) -> None:
        """Convert to days in this time zone."""
        self._timezone = timezone_
        self.of_common = lru_cache(maxsize=4096)(self._of_common)
        self._of_iso_minute = lru_cache(maxsize=4096)(self._find_iso_day)
        self._of_minute = lru_cache(maxsize=4096)(self._find_day)

    def of_text(self, text: str) -> date:
        """Return the day of a time by ISO 8601, or as the common log format writes it.

        A time without an offset is in UTC.
        """
        if found := _ISO.fullmatch(text):
            year, month, day, minute, offset = found.groups()
            return self._of_iso_minute(f"{year}-{month}-{day}T{minute}", offset or "Z")
        if found := _COMMON.fullmatch(text):
            return self.of_common(found[1], found[2])
        raise ValueError

    def of_timestamp(self, timestamp: float) -> date:
        """Return the day of a number of seconds, milliseconds or nanoseconds.

        The unit is recognized by the size of the number.
        """
        # NaN is not in a range either.
        if not 0 < timestamp < _MAX_TIMESTAMP:
            raise ValueError
        if timestamp > _NANOSECONDS:
            timestamp /= 1e9
        elif timestamp > _MILLISECONDS:
            timestamp /= 1e3
        return self._of_minute(int(timestamp) // 60)

    def _of_common(self, minute: str, offset: str) -> date:
        """Return the day of a time such as 20/Nov/2026:08:00 and an offset as +0100."""
        hours, minutes = int(offset[:3]), int(offset[0] + offset[3:])
        time = datetime(
            int(minute[7:11]),
            _MONTHS.get(minute[3:6], 0),
            int(minute[:2]),
            int(minute[12:14]),
            int(minute[15:]),
            tzinfo=timezone(timedelta(hours=hours, minutes=minutes)),
        )
        return self._day_of(time)

    def _find_iso_day(self, minute: str, offset: str) -> date:
        return self._day_of(datetime.fromisoformat(minute + offset))

    def _find_day(self, minute: int) -> date:
        return self._day_of(datetime.fromtimestamp(minute * 60, UTC))

    def _day_of(self, time: datetime) -> date:
        try:
            return time.astimezone(self._timezone).date()
        except OverflowError:
            raise ValueError from None

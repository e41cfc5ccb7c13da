"""The referrers of an import, in parts that a backend adds one after another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from page_tracker.counting.model import SiteImport
from page_tracker.counting.referrers import OTHERS

BEGIN, END = "", "~"
"""What stands before the first and after the last referrer. No host is named so."""

_MOST_COUNTS = 500
# A backend that replaces counts looks for each of these on all days.
_MOST_NAMES = 10


@dataclass(slots=True)
class Part:
    """Some referrers, which are added in one step."""

    after: str
    """The last referrer of the part before, or BEGIN."""

    last: str
    """The last referrer of this part; END if no other part follows."""

    counts: dict[str, Mapping[date | None, int]]
    """The views of each referrer: of all time (None), and on each day."""


def parts(added: SiteImport, after: str = BEGIN, *, replace: bool) -> Iterator[Part]:
    """Yield the parts of an import, from the one after this referrer on.

    If the import replaces counts, those beyond the limit are always in its first part:
    they are replaced before others are added to them.
    """
    counts = dict(added.referrers)
    if replace and counts:
        counts.setdefault(OTHERS, {})
    part, size = Part(after, END, {}), 0
    for name in sorted(name for name in counts if name > after):
        full = (
            size + len(counts[name]) > _MOST_COUNTS or len(part.counts) == _MOST_NAMES
        )
        if part.counts and full:
            part.last = max(part.counts)
            yield part
            part, size = Part(part.last, END, {}), 0
        part.counts[name] = counts[name]
        size += len(counts[name])
    if part.counts:
        yield part

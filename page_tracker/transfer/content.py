"""What has been read from files: the sums of their counts, and what was left out."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

from page_tracker.counting.model import Ignored
from page_tracker.transfer.entries import LeftOut
from page_tracker.transfer.formats import Format
from page_tracker.transfer.opening import printable
from page_tracker.transfer.sorted_counts import SiteCounts

_EXAMPLES_PER_REASON = 3
_MAX_CHARACTERS = 120


@dataclass(slots=True)
class Reason:
    """What was left out for one reason."""

    unit: str
    number: int = 0
    examples: list[str] = field(default_factory=list)
    """The first few, each with its place."""


@dataclass(slots=True)
class ReadFile:
    """What was found in one file, or in one member of an archive."""

    name: str
    format: Format
    views: int = 0
    """The views that are imported, without those of single days in totals."""

    first: date | None = None
    last: date | None = None
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, Reason] = field(default_factory=dict)

    sites_with_span: set[str] = field(default_factory=set)
    """The sites of which the file says the days, though its views do not."""

    def leave_out(self, entry: LeftOut) -> None:
        """Note what is left out, and why."""
        reason = self.left_out.setdefault(entry.reason, Reason(entry.unit))
        reason.number += entry.number
        if entry.text and len(reason.examples) < _EXAMPLES_PER_REASON:
            # A file may contain anything, also codes that a terminal would obey.
            text = printable(entry.text[:_MAX_CHARACTERS])
            reason.examples.append(f"line {entry.line}: {text}")

    def include(self, day: date) -> None:
        """Extend the span of days by this day."""
        self.first = min(self.first or day, day)
        self.last = max(self.last or day, day)


@dataclass(slots=True)
class SiteFacts:
    """What the files say about a site, apart from the views of its pages."""

    visitors: Counter[date] = field(default_factory=Counter)
    ignored: Counter[tuple[date, Ignored]] = field(default_factory=Counter)
    referrers: defaultdict[str, Counter[date | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """The views that each referrer brought: of all time (None), and on each day."""

    first_day: date | None = None
    span: tuple[date, date] | None = None
    """The days of views that do not say their day, if the files say them."""

    has_undated: bool = False
    """Whether some views do not say their day, and their file does not say its span."""


@dataclass(slots=True)
class Content:
    """The content of all files."""

    files: list[ReadFile] = field(default_factory=list)

    skipped: dict[str, str] = field(default_factory=dict)
    """Files that are not read, and why."""

    sites: list[SiteCounts] = field(default_factory=list)

    facts: defaultdict[str, SiteFacts] = field(
        default_factory=lambda: defaultdict(SiteFacts)
    )

    daily: bool = False
    """Whether any views say their day."""

    def number_of_counts(self) -> int:
        """Return how many counts there are: totals, and views of days."""
        return sum(site.pages + sum(site.days.values()) for site in self.sites)

    def by_site(self) -> dict[str, tuple[SiteCounts, SiteFacts]]:
        """Return the counts and facts of each site, which may have only one of both."""
        counts = {site.site: site for site in self.sites}
        return {
            site: (counts.get(site) or SiteCounts(site, BytesIO()), self.facts[site])
            for site in sorted(counts.keys() | self.facts.keys())
        }

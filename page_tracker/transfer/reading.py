"""Reads the files of one import into sums: finds their formats, pages and sites."""

from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from page_tracker.counting.model import MAX_VIEWS, Page
from page_tracker.counting.naming import MAX_CACHED_LENGTH
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.parsing import quoted
from page_tracker.operations.terminal import readable
from page_tracker.transfer.content import Content, ReadFile, SiteFacts
from page_tracker.transfer.contents import Contents
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    Fact,
    FileError,
    FirstDay,
    IgnoredViews,
    LeftOut,
    Note,
    Options,
    ReferrerViews,
    Span,
    Views,
    Visitors,
)
from page_tracker.transfer.formats import Format
from page_tracker.transfer.periods import Periods
from page_tracker.transfer.recognition import recognize
from page_tracker.transfer.sorted_counts import CountSorter

_INVALID_NAME = "no page can have its name"
_OTHER_DAY = "its day is not among those of --from and --until"
_SITES_SHOWN = 3
# Tomorrow has begun in some time zones.
_ONE_DAY = timedelta(days=1)
_NOT_ALLOWED = "PAGE_TRACKER_SITES does not name its site"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries of the files are imported."""

    site: str | None = None
    """The only site, and the site of files that name none; None for all sites."""

    first: date | None = None
    """The first day; None for no limit."""

    last: date | None = None
    """The last day; None for no limit."""

    @property
    def is_by_day(self) -> bool:
        """Whether only some days are imported."""
        return self.first is not None or self.last is not None

    def has(self, day: date) -> bool:
        """Return whether a day is imported."""
        return (self.first or day) <= day <= (self.last or day)


class Reader:
    """Reads documents into one content."""

    def __init__(
        self, options: Options, selection: Selection, format_name: str | None
    ) -> None:
        """Prepare to read. Without the name of a format, it is recognized."""
        self._options = options
        self._selection = selection
        self._format_name = format_name
        self._content = Content()
        self._contents = Contents()
        self._periods = Periods()
        # Visitors of a site that the file does not name.
        self._visitors: Counter[date] = Counter()
        self._stack = ExitStack()
        self._counts = CountSorter(self._stack)
        # A file repeats the same pages on each day.
        self._parse_cached = lru_cache(maxsize=65_536)(self._parse)

    def read(self, document: Document) -> None:
        """Add the content of a document. Raises FileError and OSError."""
        for part, format_ in recognize(document, self._format_name):
            if format_ is None:
                is_empty = not any(member.head for member in part.members)
                reason = "is empty" if is_empty else "has no known format"
                self._content.skipped[part.name] = reason
                continue
            file = ReadFile(part.name, format_)
            self._content.files.append(file)
            try:
                for entry in format_.read(self._contents.watch(part), self._options):
                    self._add(entry, file)
            except FileError as error:
                if part is document:
                    raise
                raise FileError(f"{part.name}: {error}") from None

    def finish(self) -> Content:
        """Return what has been read. Raises FileError and OSError."""
        content = self._content
        content.sites = self._counts.sort()
        for counts in content.sites:
            self._periods.check(counts.site, list(counts.days))
        if self._visitors:
            names = {site.site for site in content.sites}
            if self._selection.site is None and len(names) != 1:
                named = ", ".join(map(readable, sorted(names)[:_SITES_SHOWN])) or "none"
                raise FileError(
                    "the visitors may belong to any of the sites that the file names "
                    f"({named}); allowed: --site SITE, which all pages then belong to"
                )
            name = self._selection.site or names.pop()
            self._content.facts[name].visitors.update(self._visitors)
        return content

    def close(self) -> None:
        """Delete the temporary files."""
        # What could not be written before, because the disk is full, is tried again.
        with suppress(OSError):
            self._stack.close()

    def _add(self, entry: Entry, file: ReadFile) -> None:
        match entry:
            case Views():
                self._add_views(entry, file)
            case LeftOut():
                file.leave_out(entry)
            case Note():
                file.notes.append(entry.text)
            case Visitors() if not self._names_site(entry.host, file.format):
                if self._has(entry.day):
                    self._visitors[entry.day] += entry.visitors
            case _:
                self._add_fact(entry, file)

    def _names_site(self, host: str, format_: Format) -> bool:
        return bool(host or self._selection.site or format_.is_own)

    def _add_views(self, entry: Views, file: ReadFile) -> None:
        page, day = self._find_page(entry, file.format), entry.day
        if isinstance(page, LeftOut):
            file.leave_out(page)
        elif day is None:
            self._add_undated(entry, page, file)
        elif day > self._options.today + _ONE_DAY:
            file.leave_out(_left_out(entry, "its day is in the future", str(day)))
        elif not self._selection.has(day):
            file.leave_out(_left_out(entry, _OTHER_DAY))
        elif entry.views or file.format.is_own:
            self._content.daily = True
            file.include(day)
            if file.format.has_whole_days:
                self._periods.add_day(page.site, day, file)
            self._counts.add(page, entry.views, day)
            added = 0 if file.format.has_totals else entry.views
            # Each page with a day also has a total, even if it is missing in an export.
            self._counts.add(page, added, None)
            file.views += added

    def _has(self, day: date) -> bool:
        return self._selection.has(day) and day <= self._options.today + _ONE_DAY

    def _add_undated(self, entry: Views, page: Page, file: ReadFile) -> None:
        if self._selection.is_by_day:
            raise FileError(
                f"line {entry.line}: the views have no day; allowed: a file in which "
                "all views have a day, or no --from and --until"
            )
        if entry.views or file.format.is_own:
            self._counts.add(page, entry.views, None)
            file.views += entry.views
            if page.site not in file.sites_with_span:
                self._content.facts[page.site].has_undated = True

    def _add_fact(self, entry: Fact, file: ReadFile) -> None:
        page = self._find_page(Views(entry.line, entry.host, "/", 0), file.format)
        if isinstance(page, LeftOut):
            return
        # A site of which nothing is imported has no facts, so that it is not created.
        facts = self._content.facts
        match entry:
            case Span(first=first, last=last):
                self._periods.add_span(page.site, first, last, file)
                of_site = facts[page.site]
                of_site.span = _union(of_site.span, (first, last))
                file.sites_with_span.add(page.site)
                file.include(first)
                file.include(last)
            case FirstDay(day=day) if not self._selection.is_by_day:
                of_site = facts[page.site]
                of_site.first_day = min(of_site.first_day or day, day)
            case Visitors() if self._has(entry.day):
                facts[page.site].visitors[entry.day] += entry.visitors
            case IgnoredViews() if self._has(entry.day):
                facts[page.site].ignored[entry.day, entry.reason] += entry.views
            case ReferrerViews() if entry.day is None or self._has(entry.day):
                _add_referrer(facts[page.site], entry, file.format)

    def _find_page(self, entry: Views, format_: Format) -> Page | LeftOut:
        """Return the page of an entry, or why it is left out."""
        host, site = entry.host, self._selection.site
        if not format_.is_own and (not host or format_.host_is_one_of_many and site):
            if site is None:
                raise FileError(
                    "the file does not say which site it is of; allowed: --site SITE, "
                    "such as --site example.com"
                )
            host = site
        is_short = len(host) + len(entry.path) <= MAX_CACHED_LENGTH
        parse = self._parse_cached if is_short else self._parse
        page = parse(host, entry.path, format_.is_own)
        if isinstance(page, PageNameError):
            return _left_out(entry, _INVALID_NAME, str(page))
        if site is not None and page.site != site:
            reason = f"its site is not {readable(site)}"
            return _left_out(entry, reason, readable(page.site))
        if not format_.is_own and not self._options.rules.counts(page.site):
            return _left_out(entry, _NOT_ALLOWED, readable(page.site))
        return page

    def _parse(self, host: str, path: str, is_own: bool) -> Page | PageNameError:
        naming, name = self._options.rules.naming, f"{host}{path}"
        try:
            if is_own:
                return naming.own_page(name)
            if not path.startswith("/"):
                raise PageNameError(f"{quoted(path)} does not begin with a slash")
            return naming.page(name)
        except PageNameError as error:
            return error


def _add_referrer(facts: SiteFacts, entry: ReferrerViews, format_: Format) -> None:
    if not entry.views:
        return
    views = facts.referrers[entry.referrer]
    views[entry.day] += entry.views
    if entry.day and not format_.has_totals:
        views[None] += entry.views
    if max(views.values()) > MAX_VIEWS:
        raise FileError(
            f"the views that {entry.referrer} brought add up to more than {MAX_VIEWS}; "
            "allowed: at most as many"
        )


def _left_out(entry: Views, reason: str, text: str = "") -> LeftOut:
    return LeftOut(entry.line, reason, text, entry.views, "view")


def _union(
    one: tuple[date, date] | None, other: tuple[date, date]
) -> tuple[date, date]:
    return other if one is None else (min(one[0], other[0]), max(one[1], other[1]))

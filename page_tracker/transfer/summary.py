"""Says what was found in files: for people, and in JSON."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from page_tracker.counting.referrers import OTHERS
from page_tracker.counting.span import oldest_kept_day
from page_tracker.operations.terminal import plural, readable
from page_tracker.transfer.content import Content, ReadFile
from page_tracker.transfer.sorted_counts import SiteCounts


def summarize(content: Content, today: date) -> Iterator[str]:
    """Yield the lines of a summary: of each file, and then of each site."""
    for file in content.files:
        yield from _summarize_file(file)
    for name, reason in content.skipped.items():
        yield f"{name} {reason}."
    for site, (counts, facts) in content.by_site().items():
        yield f"{readable(site)}: {_describe(counts)}"
        if facts.visitors:
            yield f"  with the visitors of {plural(len(facts.visitors), 'day')}"
        if referrers := len(facts.referrers.keys() - {OTHERS}):
            yield f"  with {plural(referrers, 'referrer')}"
        old = [day for day in counts.days if day < oldest_kept_day(today)]
        if old:
            yield (
                f"  The views of {plural(len(old), 'day')} before "
                f"{oldest_kept_day(today)} count in the totals only, because the views "
                "of single days are not kept for longer."
            )


def _summarize_file(file: ReadFile) -> Iterator[str]:
    measured = plural(file.views, file.format.measure.removesuffix("s"))
    span = _span(file.first, file.last)
    yield f"{file.name}: {file.format.title}, {measured}{span}"
    for note in file.notes:
        yield f"  Note: {note}"
    for text, reason in file.left_out.items():
        yield f"  Left out {plural(reason.number, reason.unit)}: {text}"
        yield from (f"    {example}" for example in reason.examples)


def _describe(counts: SiteCounts) -> str:
    days = list(counts.days)
    span = _span(min(days), max(days)) if days else ""
    return f"{plural(counts.views, 'view')} of {plural(counts.pages, 'page')}{span}"


def _span(first: date | None, last: date | None) -> str:
    if first is None:
        return ""
    return f" on {first}" if first == last else f" from {first} to {last}"


def summary_json(content: Content) -> dict[str, Any]:
    """Return the same as an object for JSON."""
    return {
        "files": [
            {
                "file": file.name,
                "format": file.format.name,
                "first_day": file.first and file.first.isoformat(),
                "last_day": file.last and file.last.isoformat(),
                "views": file.views,
                "notes": file.notes,
                "left_out": {
                    text: reason.number for text, reason in file.left_out.items()
                },
            }
            for file in content.files
        ],
        "skipped": content.skipped,
        "sites": [
            {
                "site": site,
                "views": counts.views,
                "pages": counts.pages,
                "days": len(counts.days),
                "days_with_visitors": len(facts.visitors),
                "referrers": len(facts.referrers.keys() - {OTHERS}),
            }
            for site, (counts, facts) in content.by_site().items()
        ],
    }

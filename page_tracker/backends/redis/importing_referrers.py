"""Import of referrers, in steps between which views are counted.

They follow when the counts of pages have been imported. Redis keeps the last referrer
that was added for each import, so the same import again goes on where one has failed.
"""

from collections.abc import Mapping
from datetime import date

from page_tracker.backends.protocol import ImportEndedError
from page_tracker.backends.redis.changing import expiry_time, kept_days
from page_tracker.backends.redis.keys import imported_referrers_key, key_of
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.backends.redis.staging import Run
from page_tracker.backends.referrer_parts import END, Part, parts
from page_tracker.counting.model import Limits, SiteImport

_ADD_REFERRERS, _PROGRESS = Script("add_referrers.lua"), Script("imports.lua")


def import_referrers(
    run: Run, sites: Mapping[str, SiteImport], limits: Limits
) -> set[str]:
    """Add the referrers that imports of sites still lack, and return these sites.

    Raises BackendError.
    """
    changed = set[str]()
    for site, added in sorted(sites.items()):
        after = _last_added(run, site, added.name) if added.referrers else END
        if after is not None and after != END:
            changed.add(site)
            for part in parts(added, after, replace=run.replaces):
                run.do([_add(run, site, added.name, part, limits)])
    return changed


def _last_added(run: Run, site: str, name: str) -> str | None:
    """Return the last referrer of an import that was added; None if it has none."""
    call = Call(_PROGRESS, (imported_referrers_key(site),), (), lambda reply: [reply])
    words: list[bytes] = run.queues.call(call)
    found = dict(zip(words[::2], words[1::2], strict=True))
    return found[name.encode()].decode() if name.encode() in found else None


def _add(run: Run, site: str, name: str, part: Part, limits: Limits) -> Call[bytes]:
    named = {day for counts in part.counts.values() for day in counts if day}
    days: list[date] = sorted(named | set(kept_days(run.today) if run.replaces else ()))
    numbers = {day: number for number, day in enumerate(days, 3)}
    arguments: list[Argument] = [name, part.after, part.last]
    arguments += (limits.referrers_per_site, int(run.replaces))
    arguments += map(expiry_time, days)
    for referrer, counts in part.counts.items():
        arguments += (referrer, len(counts))
        for day, views in counts.items():
            arguments += (numbers[day] if day else 2, views)
    keys = [imported_referrers_key(site), key_of(site, "referrers")]
    keys += [key_of(site, f"referrers:{day}") for day in days]
    return Call(
        _ADD_REFERRERS,
        tuple(keys),
        tuple(arguments),
        lambda reply: [ImportEndedError(site) if reply == b"ended" else reply],
    )

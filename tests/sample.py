"""Realistic sample counts, as an export: python -m tests.sample

The same options give the same counts on the same day. Views follow Zipf's law: a page
with twice the rank has half the views. Sites grow, have fewer views on weekends, and
have a viral day.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from page_tracker.counting.model import FRONT_PAGE, Count
from page_tracker.counting.page_names import parse_page
from page_tracker.transfer.formats.own_json import entry_of_count, write_json

_SITES = ("example.com", "blog.example.org", "bücher.example")
_SECTIONS = ("", "/blog", "/docs", "/notes/2026", "/über-uns", "/カフェ", "/shop")
_WORDS = "bread coffee garden harbour kettle lantern café straße 東京 winter index tea"
_VIEWS_OF_TOP_PAGE = 50_000
_MOST_RANDOM_VIEWS = 2_000
_MONDAY_TO_SUNDAY = (1.0, 1.1, 1.1, 1.05, 0.95, 0.6, 0.65)


def main(arguments: Sequence[str]) -> None:
    """Write an export to standard output."""
    parser = argparse.ArgumentParser("python -m tests.sample", description=__doc__)
    parser.add_argument(
        "--pages", type=int, default=10_000, help="total number (10000)"
    )
    parser.add_argument("--sites", type=int, default=3, help="besides the tracker (3)")
    parser.add_argument("--days", type=int, default=400, help="up to today (400)")
    options = parser.parse_args(arguments)
    today = datetime.now(UTC).date()
    counts = sample(options.pages, options.sites, days=options.days, today=today)
    write_json(sys.stdout, map(entry_of_count, counts), None)


def sample(pages: int, sites: int, *, days: int, today: date) -> Iterator[Count]:
    """Yield the counts of each site: first the totals of pages, then daily views."""
    chance = random.Random(f"{pages} {sites} {days}")
    dates = [today - timedelta(days=days - 1 - number) for number in range(days)]
    yield Count(FRONT_PAGE, 4711)
    for number, site in enumerate(_names(sites)):
        paths = _paths(chance, len(range(number, pages, sites)))
        yield from _site(chance, site, paths, dates, share=1 / (number + 1))


def _names(sites: int) -> list[str]:
    further = [f"site{number}.example" for number in range(len(_SITES) + 1, sites + 1)]
    return [*_SITES, *further][:sites]


def _paths(chance: random.Random, pages: int) -> list[str]:
    words, paths = _WORDS.split(), {"/": None}
    while len(paths) < pages:
        title = "-".join(chance.sample(words, 3))
        number = f"-{len(paths)}" if len(paths) > 50 else ""
        paths[f"{chance.choice(_SECTIONS)}/{title}{number}"] = None
    return list(paths)[:pages]


def _site(
    chance: random.Random,
    site: str,
    paths: list[str],
    dates: list[date],
    *,
    share: float,
) -> Iterator[Count]:
    usual = [_usual_weight(index, len(dates), day) for index, day in enumerate(dates)]
    of_days = {}
    for rank, path in enumerate(paths, start=1):
        page = parse_page(f"{site}{path}")
        views = round(_VIEWS_OF_TOP_PAGE * share / rank * len(dates) / 400)
        weights = _viral(chance, usual) if rank == len(paths) // 20 else usual
        of_days[page] = _spread(chance, max(views, 1), weights)
        # A third of the pages have as many views again from before the first day.
        yield Count(page, of_days[page].total() * (2 if rank % 3 == 0 else 1))
    for index, day in enumerate(dates):
        for page, views_of in of_days.items():
            if views_of[index]:
                yield Count(page, views_of[index], day)


def _usual_weight(index: int, days: int, day: date) -> float:
    """Return the weight of a day. The last day weighs twice as much as the first."""
    return _MONDAY_TO_SUNDAY[day.weekday()] * (1 + index / days)


def _viral(chance: random.Random, weights: list[float]) -> list[float]:
    """Add a viral day, after which the weights soon return to normal."""
    begin = chance.randrange(len(weights))
    return [
        weight * max(1.0, 200 / 3 ** (index - begin)) if index >= begin else weight
        for index, weight in enumerate(weights)
    ]


def _spread(chance: random.Random, views: int, weights: list[float]) -> Counter[int]:
    """Distribute views over the days in proportion to the weights."""
    if views < _MOST_RANDOM_VIEWS:
        summed = list(accumulate(weights))
        return Counter(chance.choices(range(len(weights)), cum_weights=summed, k=views))
    each = views / sum(weights)
    return Counter(
        {
            index: round(each * weight * chance.uniform(0.8, 1.2))
            for index, weight in enumerate(weights)
        }
    )


if __name__ == "__main__":
    main(sys.argv[1:])

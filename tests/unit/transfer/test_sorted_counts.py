"""Counts that are summed on disk."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page_tracker import Count, Page
from page_tracker.counting.model import MAX_VIEWS
from page_tracker.transfer import sorted_counts
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.sorted_counts import CountSorter, SiteCounts

DAY = date(2026, 11, 28)
Added = tuple[Page, int, date | None]

PAGES = st.builds(
    Page,
    st.sampled_from(["", "a.example", "a.example:80", "b.example"]),
    st.text("!-./09~", max_size=3).map("/".__add__),
)
DAYS = st.none() | st.integers(0, 3).map(lambda number: DAY - timedelta(days=number))
ADDED = st.lists(st.tuples(PAGES, st.integers(0, 10**12), DAYS), max_size=60)


@pytest.fixture(name="stack")
def fixture_stack() -> Iterator[ExitStack]:
    """The owner of temporary files."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(name="_small", autouse=True, scope="module")
def fixture_small() -> Iterator[None]:
    """Write a part to the disk after a few counts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sorted_counts, "_BYTES_PER_PART", 1000)
        patched.setattr(sorted_counts, "_CHUNK_BYTES", 7)
        yield


def sort(stack: ExitStack, added: list[Added]) -> list[SiteCounts]:
    """Return the sums of these counts by site."""
    sorter = CountSorter(stack)
    for each in added:
        sorter.add(*each)
    return sorter.sort()


@given(ADDED)
def test_should_sum_like_a_counter(added: list[Added]) -> None:
    sums = Counter[tuple[str, date, str]]()
    for page, views, day in added:
        sums[page.site, day or date.min, page.path] += views
    expected = [
        Count(Page(site, path), views, None if day == date.min else day)
        for (site, day, path), views in sorted(sums.items())
    ]

    with ExitStack() as stack:
        sites = sort(stack, added)
        found = [count for site in sites for count in site.counts(date.min)]
        since = [count for site in sites for count in site.counts(DAY)]

    assert found == expected
    assert since == [each for each in expected if each.day in (None, DAY)]
    for site in sites:
        totals = [c for c in expected if c.page.site == site.site and c.day is None]
        assert (site.pages, site.views) == (len(totals), sum(c.views for c in totals))
        assert site.days == Counter(
            c.day for c in expected if c.page.site == site.site and c.day
        )
        assert list(site.days) == sorted(site.days)


@given(ADDED, st.randoms())
def test_should_name_the_same_sums_alike(added: list[Added], chance: object) -> None:
    in_halves = [(page, views - views // 2, day) for page, views, day in added]
    in_halves += [(page, views // 2, day) for page, views, day in added]
    chance.shuffle(in_halves)  # type: ignore[attr-defined]  # a Random of hypothesis

    with ExitStack() as stack:
        names = [
            {site.site: site.digest.hexdigest() for site in sort(stack, counts)}
            for counts in (added, in_halves)
        ]

    assert names[0] == names[1]


def test_should_name_other_sums_otherwise(stack: ExitStack) -> None:
    page, other = Page("a.example", "/"), Page("a.example", "/2")
    contents: list[list[Added]] = [
        [(page, 1, None)],
        [(page, 2, None)],
        [(page, 1, DAY)],
        [(page, 1, DAY - timedelta(days=1))],
        [(other, 1, None)],
        [(page, 1, None), (page, 1, DAY)],
    ]

    digests = {sort(stack, added)[0].digest.digest() for added in contents}

    assert len(digests) == len(contents)


def test_should_let_several_readers_read_at_once(stack: ExitStack) -> None:
    pages = [Page("a.example", f"/{number:02}") for number in range(30)]
    site = sort(stack, [(page, 1, None) for page in pages])[0]

    pairs = list(zip(site.counts(DAY), site.counts(DAY), strict=True))

    assert pairs == [(Count(page, 1), Count(page, 1)) for page in pages]


@pytest.mark.parametrize("parts", [1, 10])
def test_should_refuse_sums_that_are_too_large(stack: ExitStack, parts: int) -> None:
    page = Page("a.example", "/b")
    others: list[Added] = [
        (Page("a.example", f"/{number}"), MAX_VIEWS, None) for number in range(parts)
    ]

    assert sort(stack, [(page, MAX_VIEWS, None), *others])
    with pytest.raises(FileError) as refused:
        sort(stack, [(page, MAX_VIEWS, DAY), *others, (page, 1, DAY)])

    assert str(refused.value) == (
        f"the views of a.example/b add up to {MAX_VIEWS + 1}; allowed: at most "
        f"{MAX_VIEWS}"
    )


def test_should_sort_nothing(stack: ExitStack) -> None:
    assert not sort(stack, [])

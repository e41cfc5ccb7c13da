"""Our own JSON and its increments: valid, invalid and hostile."""

import io
import json
from datetime import date, timedelta

import pytest

from page_tracker import Count, Ignored, Page
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS
from page_tracker.counting.referrers import OTHERS
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    FirstDay,
    IgnoredViews,
    Options,
    ReferrerViews,
    Views,
    Visitors,
)
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.own_json import (
    OWN_INCREMENT,
    OWN_JSON,
    entry_of_count,
    entry_of_day,
    entry_of_first_day,
    entry_of_referrer,
    write_json,
)
from tests.sample import sample
from tests.unit.formats.reading import TODAY, document, read

BLOG = Page("example.com", "/blog")
HEAD = '{"format": "page-tracker", "version": 2, "counts": ['
SINCE = HEAD.replace('"counts"', '"since": "2026-11-01", "counts"')
THREE = Views(1, "", "example.com/blog", 3)
ALL_KINDS = [
    entry_of_first_day("", date(2020, 2, 29)),
    entry_of_count(Count(FRONT_PAGE, 0)),
    entry_of_count(Count(BLOG, MAX_VIEWS)),
    entry_of_count(Count(BLOG, 1, TODAY + timedelta(days=1))),
    entry_of_day("example.com", TODAY, 2, {Ignored.CRAWLER: 3, Ignored.REPEAT: 4}),
    entry_of_day("example.com", TODAY, 0, {Ignored.PREFETCH: 5}),
]
ALL_ENTRIES: list[Entry] = [
    FirstDay(1, "", date(2020, 2, 29)),
    Views(2, "", "/", 0),
    Views(3, "", "example.com/blog", MAX_VIEWS),
    Views(4, "", "example.com/blog", 1, TODAY + timedelta(days=1)),
    Visitors(5, "example.com", TODAY, 2),
    IgnoredViews(5, "example.com", TODAY, Ignored.CRAWLER, 3),
    IgnoredViews(5, "example.com", TODAY, Ignored.REPEAT, 4),
    IgnoredViews(6, "example.com", TODAY, Ignored.PREFETCH, 5),
]


def test_should_read_what_it_writes() -> None:
    file = io.StringIO()
    write_json(file, ALL_KINDS, None)

    assert read(OWN_JSON, file.getvalue()) == ALL_ENTRIES
    assert len(file.getvalue().splitlines()) == len(ALL_KINDS) + 2
    assert "since" not in json.loads(file.getvalue())


def test_should_read_the_referrers_that_it_writes() -> None:
    file, tomorrow = io.StringIO(), TODAY + timedelta(days=1)
    entries = [
        entry_of_referrer("", "bbc.co.uk", 7, None),
        entry_of_referrer("example.com", OTHERS, MAX_VIEWS, tomorrow),
    ]
    write_json(file, entries, None, has_referrers=True)

    assert read(OWN_JSON, file.getvalue()) == [
        ReferrerViews(1, "", "bbc.co.uk", 7),
        ReferrerViews(2, "example.com", OTHERS, MAX_VIEWS, tomorrow),
    ]


@pytest.mark.parametrize(("has_referrers", "version"), [(False, 2), (True, 3)])
def test_should_tell_earlier_versions_whether_they_can_read_it(
    has_referrers: bool, version: int
) -> None:
    file = io.StringIO()
    write_json(file, [], None, has_referrers=has_referrers)

    assert json.loads(file.getvalue())["version"] == version


def test_should_name_referrers_as_views_do() -> None:
    entry = '{"site": "a.b", "referrer": "WWW.Google.com.", "views": 1}'

    assert read(OWN_JSON, f"{HEAD}{entry}]}}") == [
        ReferrerViews(1, "a.b", "google.com", 1)
    ]


def test_should_read_its_own_increment() -> None:
    file = io.StringIO()
    # The first entries are those without a day.
    write_json(file, ALL_KINDS[3:], TODAY)

    assert read(OWN_INCREMENT, file.getvalue()) == [
        entry._replace(line=entry.line - 3) for entry in ALL_ENTRIES[3:]
    ]
    assert json.loads(file.getvalue())["since"] == TODAY.isoformat()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            f'{SINCE}{{"page": "a.b/", "views": 1}}]}}',
            "entry 1: the views have no day; ",
        ),
        (
            f'{SINCE}{{"site": "a.b", "referrer": "c.d", "views": 1}}]}}',
            "entry 1: the views have no day; ",
        ),
        (
            f"{SINCE.replace('-11-', '-13-')}]}}",
            "'2026-13-01' is not a day; allowed: a",
        ),
    ],
)
def test_should_refuse_wrong_increments(content: str, reason: str) -> None:
    with pytest.raises(FileError) as refused:
        read(OWN_INCREMENT, content)

    assert str(refused.value).startswith(reason)


def test_should_read_its_own_empty_file() -> None:
    file = io.StringIO()
    write_json(file, [], None)

    assert not read(OWN_JSON, file.getvalue())


def test_should_read_a_large_sample_without_changes() -> None:
    counts = list(sample(50, 4, days=30, today=TODAY))
    file = io.StringIO()
    write_json(file, map(entry_of_count, counts), None)

    assert read(OWN_JSON, file.getvalue()) == [
        Views(line, "", str(count.page), count.views, count.day)
        for line, count in enumerate(counts, 1)
    ]


@pytest.mark.parametrize(
    "content",
    [
        f'{HEAD}{{"page": "example.com/blog", "views": 3}}]}}',
        f'{HEAD}{{"page": "example.com/blog", "views": 3}}]}}'.replace("2", "1"),
        f'{HEAD}{{"views": 3, "page": "example.com/blog", "day": null}}], "x": [1]}}\n',
        '{"counts": [{"page": "example.com/blog", "views": 3}], "version": 1, '
        '"format": "page-tracker"}',
        '{"version": 2, "format": "page-tracker", "counts": ['
        '{"views": 3, "page": "example.com/blog"}]}',
        f'\n {HEAD}\n{{"page": "ex\\u0061mple.com/blog", "views": 3}}\n]}}',
    ],
)
def test_should_accept_valid_exports(content: str) -> None:
    assert read(OWN_JSON, content) == [THREE]


@pytest.mark.parametrize(
    "content",
    [
        f'{SINCE}{{"page": "example.com/blog", "views": 3, "day": "2026-11-28"}}]}}',
        '{"since": "2026-11-01", "version": 2, "format": "page-tracker", "counts": ['
        '{"day": "2026-11-28", "views": 3, "page": "example.com/blog"}]}',
    ],
)
def test_should_accept_valid_increments(content: str) -> None:
    assert read(OWN_INCREMENT, content) == [THREE._replace(day=TODAY)]


@pytest.mark.parametrize("content", ["", "{}", '{"pages": []}', f"[{HEAD}]}}]"])
def test_should_not_recognize_something_else(content: str) -> None:
    assert not any(each.recognizes(document(content)) for each in FORMATS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{}", "this is not an export; allowed: {"),
        ("[]", "this is not an export"),
        ("{", "the JSON is not valid after entry 0: parse error: premature EOF"),
        ("", "the JSON is not valid after entry 0: "),
        (HEAD.replace("page-", "other-") + "]}", "this is not an export; allowed: {"),
        ('{"format": "page-tracker", "version": 1}', "this is not an export"),
        (
            '{"format": "page-tracker", "version": 1, "counts": {}}',
            "this is not an export",
        ),
        (
            HEAD.replace("2", "4") + "]}",
            "the export has version '4'; allowed: 1 or 2 or 3; upgrade page-tracker",
        ),
        (
            f"{SINCE}]}}",
            "this is an increment; allowed: --format page-tracker-incremen",
        ),
        (f'{HEAD}{{"page": "a.b", "views": 3}}', "the JSON is not valid after entry 1"),
        (f'{HEAD}{{"page": "a.b", "views": 3}},]}}', "the JSON is not valid after ent"),
        (f"{HEAD}]}} {{}}", "the JSON is not valid after entry 0"),
        (f'{HEAD}{{"page": "a.b", "views": {"9" * 5000}}}]}}', "the JSON is not valid"),
        (f'{HEAD}{"[" * 100_000}', "the JSON has a value that is too long or too deep"),
        (
            f"{HEAD}1]}}",
            "entry 1: '1' is not an entry; allowed: an object with page an",
        ),
        (f"{HEAD}null]}}", "entry 1: 'None' is not an entry; allowed"),
        (f'{HEAD}{{"page": "a.example"}}]}}', "entry 1: \"{'page': 'a.example'}\" is "),
        (f'{HEAD}{{"page": "a.b", "views": 1, "date": 1}}]}}', 'entry 1: "{'),
        (
            f'{HEAD}{{"page": 1, "views": 1}}]}}',
            "entry 1: \"{'page': 1, 'views': 1}\" ",
        ),
        (f'{HEAD}{{"page": "a.b", "views": 4.0}}]}}', "entry 1: views '4.0' is not va"),
        (f'{HEAD}{{"page": "a.b", "views": 1e3}}]}}', "entry 1: views '1000.0' is not"),
        (
            f'{HEAD}{{"page": "a.b", "views": "3"}}]}}',
            "entry 1: views '3' is not valid",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": true}}]}}',
            "entry 1: views 'True' is not v",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": null}}]}}',
            "entry 1: views 'None' is not v",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": -1}}]}}',
            "entry 1: views '-1' is not valid",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": {MAX_VIEWS + 1}}}]}}',
            f"entry 1: views '{MAX_VIEWS + 1}' is not valid; allowed: a whole number",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": 1, "day": "2026-11-30"}}]}}',
            "entry 1: day '2026-11-30' is not valid; allowed: a date such as 2026-11-2",
        ),
        (f'{HEAD}{{"page": "a.b", "views": 1, "day": "20261123"}}]}}', "entry 1: day"),
        (f'{HEAD}{{"page": "a.b", "views": 1, "day": "2026-02-30"}}]}}', "entry 1: d"),
        (f'{HEAD}{{"page": "a.b", "views": 1, "day": [1]}}]}}', "entry 1: day '[1]' i"),
        (
            f'{HEAD}{{"site": "a.b", "day": null}}]}}',
            "entry 1: day 'None' is not valid",
        ),
        (
            f'{HEAD}{{"site": "a.b", "referrer": "c d", "views": 1}}]}}',
            "entry 1: the host 'c d' is not valid; allowed: ",
        ),
        (
            f'{HEAD}{{"site": "a.b", "referrer": "c.d", "views": -1}}]}}',
            "entry 1: views '-1' is not valid",
        ),
        (
            f'{HEAD}{{"site": "a.b", "referrer": "c.d", "views": 1, "day": null}}]}}',
            "entry 1: day 'None' is not valid",
        ),
        (
            f'{HEAD}{{"site": "a.b", "referrer": "c.d"}}]}}',
            "entry 1: \"{'site': 'a.b', 'referrer': 'c.d'}\" is not an entry; allowed",
        ),
        (f'{HEAD}{{"site": "a.b"}}]}}', "entry 1: \"{'site': 'a.b'}\" is not an entry"),
        (
            f'{HEAD}{{"site": "a.b", "first_day": "2026-11-01", "visitors": 1}}]}}',
            'entry 1: "{',
        ),
        (
            f'{HEAD}{{"site": "a.b", "day": "2026-11-01", "visitors": -1}}]}}',
            "entry 1: visitors '-1' is not valid",
        ),
        (
            f'{HEAD}{{"site": "a.b", "day": "2026-11-01", "ignored": [1]}}]}}',
            "entry 1: ignored '[1]' is not valid; allowed: an object with numbers of v",
        ),
        (
            f'{HEAD}{{"site": "a.b", "day": "2026-11-01", "ignored": {{"x": 1}}}}]}}',
            "entry 1: 'x' is not a reason; allowed: crawler, monitor, prefetch, "
            "ignored-address",
        ),
        (
            f'{HEAD}{{"site": "a.b", "day": "2026-11-01", "ignored": '
            '{"repeat": 1.5}}]}',
            "entry 1: ignored views '1.5' is not valid",
        ),
    ],
)
def test_should_say_where_an_export_is_wrong_and_what_is_allowed(
    content: str, reason: str
) -> None:
    with pytest.raises(FileError) as refused:
        list(OWN_JSON.read(document(content), Options(TODAY)))

    (line,) = str(refused.value).splitlines()
    assert line.startswith(reason)


def test_should_say_that_an_export_is_no_increment() -> None:
    with pytest.raises(FileError, match='no "since"; allowed: --format page-tracker$'):
        list(OWN_INCREMENT.read(document(f"{HEAD}]}}"), Options(TODAY)))

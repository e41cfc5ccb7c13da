"""Files of counts: valid, invalid and hostile."""

import csv
import io
import json
from datetime import date, timedelta

import pytest

from page_tracker import Count, Page
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS
from page_tracker.transfer.csv_file import write_csv
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.formats import read_counts
from page_tracker.transfer.json_file import write_json
from tests.sample import sample

TODAY = date(2026, 11, 23)
BLOG = Page("example.com", "/blog")
HEAD = '{"format": "page-tracker", "version": 1, "counts": ['


def read(content: str | bytes) -> list[Count]:
    """Read a file to its end."""
    encoded = content.encode() if isinstance(content, str) else content
    return list(read_counts(io.BytesIO(encoded), TODAY))


def test_should_read_its_own_json() -> None:
    counts = [
        Count(FRONT_PAGE, 0),
        Count(BLOG, MAX_VIEWS),
        Count(BLOG, 1, TODAY + timedelta(days=1)),
        Count(Page("[::1]:8000", "/%C3%A9"), 7, date(2020, 2, 29)),
    ]
    file = io.StringIO()

    write_json(file, counts)

    assert read(file.getvalue()) == counts
    document = json.loads(file.getvalue())
    assert document["counts"][2] == {
        "page": "example.com/blog",
        "views": 1,
        "day": "2026-11-24",
    }
    assert len(file.getvalue().splitlines()) == len(counts) + 2


def test_should_read_its_own_csv() -> None:
    counts = [Count(BLOG, 3), Count(Page("example.com", "/a,b"), 2)]
    file = io.StringIO()

    write_csv(file, counts)

    assert file.getvalue() == 'page,views\nexample.com/blog,3\n"example.com/a,b",2\n'
    assert read(file.getvalue()) == counts
    assert list(csv.reader(io.StringIO(file.getvalue())))[2] == ["example.com/a,b", "2"]


def test_should_read_its_own_empty_files() -> None:
    for write in (write_csv, write_json):
        file = io.StringIO()
        write(file, [])
        assert not read(file.getvalue())


def test_should_read_a_large_sample_without_changes() -> None:
    counts = list(sample(50, 4, days=30, today=TODAY))
    file = io.StringIO()
    write_json(file, counts)

    assert read(file.getvalue()) == counts
    totals = {count.page: count.views for count in counts if count.day is None}
    for count in counts:
        if count.day is not None:
            totals[count.page] -= count.views
    assert all(left >= 0 for left in totals.values())
    assert len(totals) == 51


@pytest.mark.parametrize(
    "content",
    [
        "page,views\nexample.com/blog,3\n",
        "page,views\nexample.com/blog,3",
        "page,views\r\nexample.com/blog,3\r\n",
        "\ufeffpage,views\nexample.com/blog,3\n",
        '\ufeff"page","views"\n"example.com/blog","3"\n',
        'Views,title,Page\n3,"Hello,\nworld",https://example.com/blog?a=b\n',
        "page, views\nexample.com/blog , 3 \n\n",
        "page,views\nHTTP://EXAMPLE.com:80/./blog#top,0003\n",
        f'{HEAD}{{"page": "example.com/blog", "views": 3}}]}}',
        f'{HEAD}{{"views": 3, "page": "//example.com/blog", "day": null}}], "x": 1}}\n',
        '{"counts": [{"page": "example.com/blog", "views": 3}], "version": 1, '
        '"format": "page-tracker"}',
        f'\n {HEAD}\n{{"page": "ex\\u0061mple.com/blog", "views": 3}}\n]}}',
    ],
)
def test_should_accept_valid_files(content: str) -> None:
    assert read(content) == [Count(BLOG, 3)]


def test_should_read_the_front_page_from_csv() -> None:
    assert read("page,views\n/,3\n") == [Count(FRONT_PAGE, 3)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "",
            "line 1: the header has 0 columns named 'page'; all",
        ),
        ("\n", "line 1: the header has 0 columns named 'page'"),
        (
            "page;views\nexample.com/,3\n",
            "line 1: the header has 0 columns named 'page'",
        ),
        ("url,views\n", "line 1: the header has 0 columns named 'page'"),
        ("page\n", "line 1: the header has 0 columns named 'views'"),
        ("page,views,Views\n", "line 1: the header has 2 columns named 'views'"),
        ("example.com/,3\n", "line 1: the header has 0 columns named 'page'"),
        ("page,views\nexample.com/\n", "line 2: the row has fewer columns than the"),
        (
            "page,views\n\n\nexample.com/,\n",
            "line 4: views '' is not valid; allowed: a whole nu",
        ),
        (
            'page,views\nexample.com/,"1,234"\n',
            "line 2: views '1,234' is not valid; allowed",
        ),
        ("page,views\nexample.com/,4.0\n", "line 2: views '4.0' is not valid; allowed"),
        ("page,views\nexample.com/,1e3\n", "line 2: views '1e3' is not valid; allowed"),
        ("page,views\nexample.com/,-1\n", "line 2: views '-1' is not valid; allowed"),
        ("page,views\nexample.com/,1_0\n", "line 2: views '1_0' is not valid; allowed"),
        ("page,views\nexample.com/,٣\n", "line 2: views '٣' is not valid; allowed"),
        (f"page,views\nx.example/,{MAX_VIEWS + 1}\n", "line 2: views '90071992547"),
        (f"page,views\nx.example/,{'9' * 5000}\n", "line 2: views '999999"),
        ("page,views\n/about,1\n", "line 2: page '/about': the host is missing"),
        ("page,views\nftp://a.example,1\n", "line 2: page 'ftp://a.example': the sch"),
        ("page,views\na.example/\x00,1\n", "line 2: page 'a.example/\\x00': the nam"),
        ("page,views\n=1+1,1\n", "line 2: page '=1+1': the host '=1+1' is"),
        (f"page,views\na.example/{'a' * 3000},1\n", "line 2: page 'a.example/aaaaa"),
        (f"page,views\na.example/{'a' * 70000},1\n", "line 1: the line is too long; "),
        ('page,views\n"a.example/,1\nb.example/,1\n', "line 3: unexpected end of data"),
        ('page,views\n"a.example/"x,1\n', "line 2: ',' expected after '\"'"),
        ('page,views\n"' + "a\n" * 70000, "line 65538: field larger than field limit"),
        (b"page,views\na.example/\xff,1\n", "line 1: the line is not valid UTF-8; al"),
        ("page,views\n".encode("utf-16"), "line 1: the line is not valid UTF-8"),
        (b"\x1f\x8b\x08\x00", "line 1: the line is not valid UTF-8"),
        ("[]", "line 1: the header has 0 columns named 'page'"),
        ("{}", "this is not an export; allowed: {"),
        ("{", "the JSON is not valid after entry 0: "),
        (
            '{"format": "other", "version": 1, "counts": []}',
            "this is not an export; allowed: {",
        ),
        (
            '{"format": "page-tracker", "version": 2, "counts": []}',
            "this is not an export",
        ),
        ('{"format": "page-tracker", "version": 1}', "this is not an export"),
        (
            '{"format": "page-tracker", "version": 1, "counts": {}}',
            "this is not an export",
        ),
        (
            f'{HEAD}{{"page": "a.example", "views": 3}}',
            "the JSON is not valid after entry 1",
        ),
        (
            f'{HEAD}{{"page": "a.example", "views": 3}},]}}',
            "the JSON is not valid after ent",
        ),
        (f"{HEAD}]}} {{}}", "the JSON is not valid after entry 0"),
        (f"{HEAD}1]}}", "entry 1: '1' is not an entry; allowed: an object with p"),
        (f"{HEAD}null]}}", "entry 1: 'None' is not an entry; allowed"),
        (f'{HEAD}{{"page": "a.example"}}]}}', "entry 1: \"{'page': 'a.example'}\" is "),
        (f'{HEAD}{{"page": "a.b", "views": 1, "date": 1}}]}}', 'entry 1: "{'),
        (f'{HEAD}{{"page": 1, "views": 1}}]}}', "entry 1: page '1' is not a string"),
        (
            f'{HEAD}{{"page": "a.b", "views": 4.0}}]}}',
            "entry 1: views '4.0' is not valid; allowed",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": 1e3}}]}}',
            "entry 1: views '1E+3' is not valid; allow",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": "3"}}]}}',
            "entry 1: views '3' is not valid; allowed",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": true}}]}}',
            "entry 1: views 'True' is not valid; allo",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": null}}]}}',
            "entry 1: views 'None' is not valid; allo",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": -1}}]}}',
            "entry 1: views '-1' is not valid; allowed",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": {"9" * 500}}}]}}',
            "entry 1: views '99999999",
        ),
        (
            f'{HEAD}{{"page": "a.b", "views": 1}}, {{"page": "a b", "views": 1}}]}}',
            "entry 2: page 'a b': the host 'a b' is not valid; allowed: a name",
        ),
        (f'{HEAD}{{"page": "a.b/\\u0000", "views": 1}}]}}', "entry 1: page 'a.b/\\x00"),
        (
            f'{HEAD}{{"page": "a.b", "views": 1, "day": "2026-11-25"}}]}}',
            "entry 1: day '2026-11-25' is not valid; allowed: a date such as",
        ),
        (f'{HEAD}{{"page": "a.b", "views": 1, "day": "20261123"}}]}}', "entry 1: day"),
        (f'{HEAD}{{"page": "a.b", "views": 1, "day": "2026-02-30"}}]}}', "entry 1: d"),
        (
            f'{HEAD}{{"page": "a.b", "views": 1, "day": 1}}]}}',
            "entry 1: day '1' is not valid; all",
        ),
    ],
)
def test_should_say_where_a_file_is_wrong_and_what_is_allowed(
    content: str | bytes, reason: str
) -> None:
    with pytest.raises(FileError) as refused:
        read(content)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(reason)


def test_should_read_only_as_far_as_needed() -> None:
    file = io.BytesIO(b"page,views\n" + b"example.com/blog,3\n" * 100_000)

    counts = read_counts(file, TODAY)

    assert [next(counts) for _ in range(1000)] == [Count(BLOG, 3)] * 1000
    assert file.tell() < 200_000

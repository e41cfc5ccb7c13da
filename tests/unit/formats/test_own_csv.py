"""Our own CSV: valid, invalid and hostile."""

import csv
import io

import pytest

from page_tracker import Count, Page
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS
from page_tracker.transfer.entries import FileError, Note, Options, Views
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.own_csv import OWN_CSV, write_csv
from tests.unit.formats.reading import TODAY, document, read

BLOG = Page("example.com", "/blog")


def test_should_read_what_it_writes() -> None:
    counts = [Count(BLOG, 3), Count(Page("example.com", "/a,b"), 2)]
    file = io.StringIO()

    write_csv(file, [*counts, Count(FRONT_PAGE, 1)])

    assert file.getvalue() == (
        'page,views\nexample.com/blog,3\n"example.com/a,b",2\n/,1\n'
    )
    assert list(csv.reader(io.StringIO(file.getvalue())))[2] == ["example.com/a,b", "2"]
    assert read(OWN_CSV, file.getvalue()) == [
        Views(2, "", "example.com/blog", 3),
        Views(3, "", "example.com/a,b", 2),
        Views(4, "", "/", 1),
    ]


def test_should_say_that_days_are_not_used() -> None:
    note, counted = read(OWN_CSV, "date,page,views\n2026-11-20,example.com/blog,3\n")

    assert note == Note(1, "The column date is not used: a CSV has totals only.")
    assert counted == Views(2, "", "example.com/blog", 3)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("page,views\nexample.com/blog,3\n", 2),
        ("page,views\nexample.com/blog,3", 2),
        ("page,views\r\nexample.com/blog,3\r\n", 2),
        ("\ufeffpage,views\nexample.com/blog,3\n", 2),
        ('\ufeff"page","views"\n"example.com/blog","3"\n', 2),
        ('Views,title,Page\n3,"Hello,\nworld",example.com/blog\n', 3),
        ("page, views\nexample.com/blog , 3 \n\n", 2),
        ("page;views\nexample.com/blog;3\n", 2),
        ("Page\tTitle\tViews\nexample.com/blog\tHello, world\t3\n", 2),
        ("\n\npage,views\n\nexample.com/blog,0003\n", 5),
        ("page,views\nexample.com/blog,3\n".encode("utf-16"), 2),
        ("\ufeffpage,views\nexample.com/blog,3\n".encode("utf-16-be"), 2),
    ],
)
def test_should_read_tables_that_people_write(content: str | bytes, line: int) -> None:
    assert read(OWN_CSV, content) == [Views(line, "", "example.com/blog", 3)]


def test_should_leave_the_names_of_pages_to_the_import() -> None:
    content = 'page,views\n=1+1,1\n"a.example/?a\n",2\n'

    assert read(OWN_CSV, content) == [
        Views(2, "", "=1+1", 1),
        Views(4, "", "a.example/?a", 2),
    ]


@pytest.mark.parametrize(
    "content",
    [
        *("", "\n", "page\n", "url,views\n", "page|views\na.example/,3\n", "[]", "{}"),
        *("example.com/,3\n", "page,views\n".encode("utf-16-le")),
        *(b"\x1f\x8b\x08\x00", b"page,views\xff\n", '"page,views\n', "page,\0,views\n"),
        {"a.csv": "page,views\n", "b.csv": "page,views\n"},
    ],
)
def test_should_not_recognize_something_else(
    content: str | bytes | dict[str, str | bytes],
) -> None:
    assert not any(each.recognizes(document(content)) for each in FORMATS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1: the header has 0 columns named 'page'; allowed: one"),
        ("\n", "line 1: the header has 0 columns named 'page'"),
        ("page|views\nexample.com/,3\n", "line 1: the header has 0 columns named 'pag"),
        ("page\n", "line 1: the header has 0 columns named 'views'"),
        ("page,views,Views\n", "line 1: the header has 2 columns named 'views'"),
        ("[]", "line 1: the header has 0 columns named 'page'"),
        ("Page,Views\n/,9\n/a,1\n", "line 3: '/a' has no host; allowed: a name such"),
        ("page,views\nexample.com/\n", "line 2: the row has fewer columns than the"),
        (
            "page,views\n\n\nexample.com/,\n",
            "line 4: '' is not a number of views; allowed: a whole number from 0 to",
        ),
        ('page,views\na.example/,"1,234"\n', "line 2: '1,234' is not a number of view"),
        ("page,views\na.example/,4.0\n", "line 2: '4.0' is not a number of views; all"),
        ("page,views\na.example/,1e3\n", "line 2: '1e3' is not a number of views"),
        ("page,views\na.example/,-1\n", "line 2: '-1' is not a number of views"),
        ("page,views\na.example/,1_0\n", "line 2: '1_0' is not a number of views"),
        ("page,views\na.example/,٣\n", "line 2: '٣' is not a number of views"),
        (f"page,views\na.example/,{MAX_VIEWS + 1}\n", "line 2: '9007199254740992' is"),
        (f"page,views\na.example/,{'9' * 5000}\n", "line 2: '999999999"),
        ("page,views\na.example/\0,1\n", "line 2: it contains a NUL byte; allowed: te"),
        (
            f"page,views\na.example/{'a' * 10_000_000},1\n",
            "line 2: the line is too long; allowed: fewer than 1048576 bytes",
        ),
        ('page,views\n"a.example/,1\nb.example/,1\n', "line 3: unexpected end of data"),
        ('page,views\n"a.example/"x,1\n', "line 2: ',' expected after '\"'"),
        ('page,views\n"' + "a\n" * 70000, "line 65538: field larger than field limit"),
        (b"page,views\na.example/\xff,1\n", "line 2: it is not valid UTF-8; allowed: "),
        (
            "\ufeffpage,views\na.example/,1\n".encode("utf-16-le") + b"\x00\xd8\n\x00",
            "the file is not valid UTF-16",
        ),
    ],
)
def test_should_say_where_a_file_is_wrong_and_what_is_allowed(
    content: str | bytes, reason: str
) -> None:
    with pytest.raises(FileError) as refused:
        list(OWN_CSV.read(document(content), Options(TODAY)))

    (line,) = str(refused.value).splitlines()
    assert line.startswith(reason)

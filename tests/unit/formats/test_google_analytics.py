"""Tests of Google Analytics' reports of pages."""

from datetime import date
from pathlib import Path

import pytest

from page_tracker.transfer.entries import Entry, FileError, LeftOut, Note, Span, Views
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.google_analytics import GOOGLE_ANALYTICS
from tests.unit.formats.reading import document, read

SAMPLE = Path(__file__).parents[2] / "sample_files" / "google-analytics.csv"
DAY = date(2026, 11, 20)
UNKNOWN = "Google Analytics does not say which page it is"
LINE = "# ----------------------------------------\n"
HEADER = "Page path and screen class,Views,Active users\n"


def report(first: str, last: str, users: str = "All Users") -> str:
    """Return the comments before a report of some days."""
    return (
        f"{LINE}# Pages and screens: Page path and screen class\n"
        f"# Account: example\n# Property: 12345678\n{LINE}# \n# {users}\n"
        f"# Start date: {first}\n# End date: {last}\n"
    )


def exploration(header: str, rows: str) -> str:
    """Return an exploration of some days."""
    return (
        f"{LINE}# Free form 1\n# Property: example.com\n# 20261101-20261123\n{LINE}\n"
        f"{header}\n{rows}"
    )


def test_should_read_the_report_of_pages() -> None:
    assert read(GOOGLE_ANALYTICS, SAMPLE.read_bytes()) == [
        Span(11, "", date(2026, 1, 1), date(2026, 11, 23)),
        Views(11, "", "/", 83171),
        Views(12, "", "/blog/a", 1234),
        Views(13, "", "/blog/one, two/", 12),
        LeftOut(14, UNKNOWN, "(not set): 5 views"),
        Views(15, "", "/blog/unseen", 0),
        Note(15, "The file does not say the pages of 5 views."),
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_should_read_an_exploration_with_days(encoding: str, delimiter: str) -> None:
    content = exploration(
        "Date,Page path and screen class,Views",
        ",,32,Grand total\n20261120,/a,20\n20261121,/%C3%BC,12\n",
    )

    assert read(GOOGLE_ANALYTICS, content.replace(",", delimiter).encode(encoding)) == [
        LeftOut(8, "it is a total", "(empty): 32 views"),
        Views(9, "", "/a", 20, DAY),
        Views(10, "", "/%C3%BC", 12, date(2026, 11, 21)),
    ]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        pytest.param(
            "Page path and screen class,Users,Views,Conversions",
            "/a,1,2,0",
            Views(2, "", "/a", 2),
            id="an older report",
        ),
        pytest.param(
            "Hostname,Page path + query string,Views",
            "example.com,/a?b=c,2",
            Views(2, "example.com", "/a?b=c", 2),
            id="host and query",
        ),
        pytest.param(
            "Page path and screen class,Page location,Views",
            "/a,https://example.com/a?b=c,2",
            Views(2, "https://example.com", "/a?b=c", 2),
            id="page location",
        ),
        pytest.param(
            "Full page URL,Views",
            "example.com/a?b=//c,2",
            Views(2, "example.com", "/a?b=//c", 2),
            id="full URL without scheme",
        ),
        pytest.param(
            "Date + hour (YYYYMMDDHH),Page path,Views",
            "2026112023,/a,2",
            Views(2, "", "/a", 2, DAY),
            id="hours",
        ),
        pytest.param(
            "Page path,Date,Views",
            "/a,2026-11-20,2",
            Views(2, "", "/a", 2, DAY),
            id="a day with hyphens",
        ),
        pytest.param(
            " Page  path ,views,,",
            '"/a, ""b""",2,,',
            Views(2, "", '/a, "b"', 2),
            id="spaces, quotes and empty columns",
        ),
    ],
)
def test_should_find_columns(header: str, row: str, expected: Entry) -> None:
    for end in ("\n", "\r\n"):
        assert read(GOOGLE_ANALYTICS, f"{header}{end}{row}{end}") == [expected]


@pytest.mark.parametrize(
    ("path", "views", "day"),
    [
        ("Seitenpfad und Bildschirmklasse", "Aufrufe", "Datum"),
        ("Chemin de la page et classe de l’écran", "Vues", "Date"),
        ("Ruta de la página y clase de pantalla", "Vistas", "Fecha"),
        ("Percorso pagina e classe schermata", "Visualizzazioni", "Data"),
        ("Caminho da página e classe da tela", "Visualizações", "Data"),
        ("Путь к странице и класс экрана", "Просмотры", "Дата"),
        ("ページパスとスクリーン クラス", "表示回数", "日付"),
        ("페이지 경로 및 화면 클래스", "조회수", "날짜"),
        ("网页路径和屏幕类", "浏览次数", "日期"),
    ],
)
def test_should_read_other_languages(path: str, views: str, day: str) -> None:
    content = f"{day},{path},{views}\n20261120,/a,2\n"

    assert read(GOOGLE_ANALYTICS, content) == [Views(2, "", "/a", 2, DAY)]


def test_should_read_columns_that_the_user_names() -> None:
    content = (
        f"{LINE}# Début : 20261101\n# Fin : 20261120\n"
        "Sivu,Katselut,Pvm\n/a,2,20261120\n"
    )

    with pytest.raises(
        FileError,
        match="line 4: .*Sivu, Katselut, Pvm; allowed: .*path=NAME,views=NAME",
    ):
        read(GOOGLE_ANALYTICS, content)

    columns = {"path": "sivu", "views": "Katselut"}
    assert read(GOOGLE_ANALYTICS, content, columns=columns) == [
        Span(5, "", date(2026, 11, 1), DAY),
        Views(5, "", "/a", 2),
    ]
    columns["date"] = "PVM"
    assert read(GOOGLE_ANALYTICS, content, columns=columns) == [
        Views(5, "", "/a", 2, DAY)
    ]


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("0", 0),
        ("1234", 1234),
        ('"1,234"', 1234),
        ("1.234", 1234),
        ('"1,234,567"', 1234567),
        ("1.234.567", 1234567),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("1\u202f234", 1234),
        ("1’234", 1234),
        ('"1.234,0"', 1234),
        ('"1,234.00"', 1234),
        ("12.0", 12),
    ],
)
def test_should_read_numbers(text: str, views: int) -> None:
    content = f"{HEADER}/a,{text},1\n"

    assert read(GOOGLE_ANALYTICS, content) == [Views(2, "", "/a", views)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("(other)", LeftOut(2, UNKNOWN, "(other): 2 views"), id="other"),
        pytest.param(
            "", LeftOut(2, "its path is empty", "(empty): 2 views"), id="empty"
        ),
        pytest.param(
            "Grand total", LeftOut(2, "it is a total", "Grand total: 2 views"), id="sum"
        ),
        pytest.param(
            "MainActivity",
            LeftOut(2, "it is no path of a page", "MainActivity: 2 views"),
            id="a screen",
        ),
    ],
)
def test_should_leave_out_rows_without_a_page(path: str, expected: Entry) -> None:
    entries = read(GOOGLE_ANALYTICS, f"{HEADER}{path},2,1\n")

    assert [each for each in entries if not isinstance(each, Note)] == [expected]


def test_should_say_how_many_views_have_no_page() -> None:
    rows = "(not set),2,1\n(other),3,1\n,90,9\nTotal,95,9\n"

    notes = [
        each.text
        for each in read(GOOGLE_ANALYTICS, HEADER + rows)
        if isinstance(each, Note)
    ]
    assert notes == ["The file does not say the pages of 5 views."]


def test_should_read_several_tables() -> None:
    content = (
        f"{report('20260101', '20260630')}{HEADER}/a,2,1\n\n"
        f"{report('20260701', '20261120')}{HEADER}/a,3,1\n\n"
        f"{LINE}# Users\n{LINE}\nNth day,Active users\n0000,5\n"
    )

    assert read(GOOGLE_ANALYTICS, content) == [
        Span(11, "", date(2026, 1, 1), date(2026, 6, 30)),
        Views(11, "", "/a", 2),
        Span(23, "", date(2026, 7, 1), DAY),
        Views(23, "", "/a", 3),
        LeftOut(29, "the table is not one of pages", "Nth day, Active users"),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(f"{HEADER}/a,2\n", "line 2: .*columns", id="short"),
        pytest.param(f"{HEADER}/a,2.5,1\n", "line 2: '2.5'.*allowed: ", id="views"),
        pytest.param(f'{HEADER}/a,"1,234,0",1\n', "line 2: '1,234,0'", id="groups"),
        pytest.param(
            "Date,Page path,Views\n20261131,/a,1\n",
            "line 2: .*not a day; allowed: ",
            id="day",
        ),
        pytest.param(
            exploration("Page path,Active users", "/a,1\n"),
            "line 7: .*Page path, Active users; allowed: .*--columns",
            id="no views",
        ),
        pytest.param(
            exploration("Page path,Views,Views", "/a,1,2\n"),
            "line 7: .*Page path, Views, Views; allowed: ",
            id="views twice",
        ),
        pytest.param(
            exploration("Segment,Page path,Views", "All Users,/a,1\n"),
            "line 7: the column 'Segment'.*allowed: .*without",
            id="segments",
        ),
        pytest.param(
            f"{report('20260101', '20260630')}{HEADER}/a,2,1\n"
            f"{report('20260101', '20260630', 'Mobile')}{HEADER}/a,1,1\n",
            "line 21: a second table.*allowed: .*without comparisons",
            id="a comparison",
        ),
        pytest.param(
            f"{HEADER}/a,2,1\n# \n{HEADER}/a,1,1\n",
            "line 4: a second table",
            id="two tables of unknown days",
        ),
    ],
)
def test_should_refuse(content: str, error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(GOOGLE_ANALYTICS, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0#\0",
        b"#" * 9,
        b"# page\npages,views\n/a,1\n",
        b"#Version: 1.0\n",
        b"\xff",
    ],
)
def test_should_not_recognize_other_files(content: bytes) -> None:
    assert not [each for each in FORMATS if each.recognizes(document(content))]

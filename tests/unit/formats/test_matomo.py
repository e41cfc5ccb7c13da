"""Tests of Matomo's report of page URLs."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from page_tracker.transfer.entries import Entry, FileError, LeftOut, Note, Span, Views
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.matomo import MATOMO_CSV, MATOMO_JSON
from tests.unit.formats.reading import document, read

SAMPLES = Path(__file__).parents[2] / "sample_files"
HOST = "https://example.com"
DAY, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 22)
PAGE = {"label": "/a", "nb_visits": 1, "nb_hits": 2, "url": f"{HOST}/a"}
CSV = "label,nb_visits,nb_hits,metadata_url\n"
ROW = f"/a,1,2,{HOST}/a\n"
OTHERS = "it sums up pages that Matomo does not tell apart"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


def test_should_read_a_json_export_of_many_days() -> None:
    content = (SAMPLES / "matomo.json").read_bytes()

    assert read(MATOMO_JSON, content) == [
        Views(1, HOST, "/blog/a", 12, DAY),
        Views(2, HOST, "/", 5, DAY),
        LeftOut(3, OTHERS, "Others: 3 views"),
        Views(4, HOST, "/blog/a?page=2", 4, NEXT_DAY),
        Note(4, "The report does not say the pages of 3 views."),
    ]


def test_should_read_a_csv_export_of_many_days() -> None:
    content = (SAMPLES / "matomo.csv").read_bytes()

    assert read(MATOMO_CSV, content) == [
        Views(2, HOST, "/blog/a", 12, DAY),
        Views(3, HOST, "/", 5, DAY),
        LeftOut(4, OTHERS, "Others: 3 views"),
        Views(5, HOST, "/blog/a?tags=b,c", 4, NEXT_DAY),
        Note(5, "The report does not say the pages of 3 views."),
    ]


PERIODS = [
    pytest.param("2026-11-20", None, DAY, id="day"),
    pytest.param("2026-11-20,2026-11-20", None, DAY, id="range of a day"),
    pytest.param(
        "2026-11-16,2026-11-22",
        Span(1, HOST, date(2026, 11, 16), date(2026, 11, 22)),
        None,
        id="week",
    ),
    pytest.param(
        "2024-02", Span(1, HOST, date(2024, 2, 1), date(2024, 2, 29)), None, id="month"
    ),
    pytest.param(
        "2026", Span(1, HOST, date(2026, 1, 1), date(2026, 12, 31)), None, id="year"
    ),
]


@pytest.mark.parametrize(("period", "span", "day"), PERIODS)
def test_should_read_the_periods_of_json(
    period: str, span: Span | None, day: date | None
) -> None:
    expected: list[Entry] = [span] if span else []
    expected.append(Views(1, HOST, "/a", 2, day))

    assert read(MATOMO_JSON, json.dumps({period: [PAGE]})) == expected


@pytest.mark.parametrize(("period", "span", "day"), PERIODS)
def test_should_read_the_periods_of_csv(
    period: str, span: Span | None, day: date | None
) -> None:
    expected: list[Entry] = [span._replace(line=2)] if span else []
    expected.append(Views(2, HOST, "/a", 2, day))

    assert read(MATOMO_CSV, f'date,{CSV}"{period}",{ROW}') == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({}, Views(1, HOST, "/a", 2), id="a page"),
        pytest.param({"nb_hits": "3"}, Views(1, HOST, "/a", 3), id="views as text"),
        pytest.param(
            {"url": f"{HOST}?q=1"}, Views(1, HOST, "/?q=1", 2), id="a URL without path"
        ),
        pytest.param(
            {"url": "https://ex.com:8/ü ö"},
            Views(1, "https://ex.com:8", "/ü ö", 2),
            id="a port and other characters",
        ),
        pytest.param(
            {"goals": [{"idgoal": 1, "nb_hits": 9}], "logo": None},
            Views(1, HOST, "/a", 2),
            id="nested values",
        ),
        pytest.param(
            {"label": "Page URL not defined", "url": False},
            LeftOut(1, "it has no URL", "Page URL not defined: 2 views"),
            id="no URL",
        ),
        pytest.param(
            {"is_aggregate": 1, "url": False},
            LeftOut(
                1,
                "it sums up a folder, whose pages have their own rows",
                "/a: 2 views",
            ),
            id="a folder of a flat report",
        ),
    ],
)
def test_should_read_rows_of_json(
    encoding: str, row: dict[str, Any], expected: Entry
) -> None:
    # A report of one day, or of a whole range, is a list.
    content = json.dumps([PAGE | row], ensure_ascii=False).encode(encoding)

    entries = read(MATOMO_JSON, content)

    assert [each for each in entries if not isinstance(each, Note)] == [expected]


@pytest.mark.parametrize(
    "content",
    ['{"2026-11-20":[],"2026-11-21":[]}', ' {\n "2026-11-20": [\n ]}\n', '{"2026":[]}'],
)
def test_should_read_json_without_pages(content: str) -> None:
    assert not [each for each in read(MATOMO_JSON, content) if isinstance(each, Views)]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        pytest.param({"nb_hits": -1}, "number of views", id="negative views"),
        pytest.param({"nb_hits": 1.5}, "number of views", id="broken views"),
        pytest.param(
            {"idsubdatatable": 3, "url": None}, "'/a' is a folder.*flat=1", id="folder"
        ),
        pytest.param({"subtable": [PAGE]}, "'/a' is a folder.*flat=1", id="tree"),
    ],
)
def test_should_refuse_wrong_rows_of_json(row: dict[str, Any], error: str) -> None:
    with pytest.raises(FileError, match=f"^entry 2: .*{error}"):
        read(MATOMO_JSON, json.dumps([PAGE, PAGE | row]))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(
            '{"2026-11-20":[],"x":[]}', "'x' is not a period; allowed: ", id="a name"
        ),
        pytest.param('{"2026-13":[]}', "'2026-13' is not a period", id="a wrong month"),
        pytest.param(
            '{"2026-11-20":[],"2":{}}', "'2' is not a period.*one website", id="a site"
        ),
        pytest.param(
            '{"2026-11-20":[],"2026-11-21":{}}', "has no list of pages", id="an object"
        ),
        pytest.param(
            '{"2026-11-20":[{"label":"/a"',
            "^entry 1: the JSON is not valid: ",
            id="cut off",
        ),
    ],
)
def test_should_refuse_wrong_json(content: str, error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(MATOMO_JSON, content)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(CSV + ROW, [Views(2, HOST, "/a", 2)], id="of one day"),
        pytest.param(
            (CSV + ROW).replace(",", "\t"), [Views(2, HOST, "/a", 2)], id="TSV"
        ),
        pytest.param(CSV, [], id="no rows"),
        pytest.param("No data available", [], id="no data"),
        pytest.param(
            f"{CSV}Page URL not defined,1,2,\n",
            [LeftOut(2, "it has no URL", "Page URL not defined: 2 views")],
            id="no URL",
        ),
        pytest.param(
            f"{CSV}/a,1,2\n",
            [LeftOut(2, "it has no URL", "/a: 2 views")],
            id="a row that ends early",
        ),
        pytest.param(
            "Date,Label,Unique Pageviews,Pageviews,Metadata: url\n"
            f"2026-11-20,/a,1,2,{HOST}/a\n",
            [Views(2, HOST, "/a", 2, DAY)],
            id="English",
        ),
        pytest.param(
            "Datum,Bezeichnung,Eindeutige Seitenansichten,Seitenansichten,"
            "Metadaten: url,Metadaten: is_summary\r\n"
            f"2026-11-20,/a,1,2,{HOST}/a,\r\n"
            "2026-11-20,Andere,1,4,,1\r\n",
            [
                Views(2, HOST, "/a", 2, DAY),
                LeftOut(3, OTHERS, "Andere: 4 views"),
            ],
            id="German",
        ),
    ],
)
def test_should_read_csv(encoding: str, content: str, expected: list[Entry]) -> None:
    entries = read(MATOMO_CSV, content.encode(encoding))

    assert [each for each in entries if not isinstance(each, Note)] == expected


def test_should_say_the_days_of_each_host_once() -> None:
    shop = "https://shop.example.com"
    pages = [PAGE, PAGE | {"url": f"{shop}/b"}, PAGE]

    assert read(MATOMO_JSON, json.dumps({"2026": pages})) == [
        Span(1, HOST, date(2026, 1, 1), date(2026, 12, 31)),
        Views(1, HOST, "/a", 2),
        Span(2, shop, date(2026, 1, 1), date(2026, 12, 31)),
        Views(2, shop, "/b", 2),
        Views(3, HOST, "/a", 2),
    ]


def test_should_read_csv_in_a_language_that_the_user_explains() -> None:
    content = f"Etikedo,Paĝmontroj,Metadatumoj: url\n/a,2,{HOST}/a\n"

    with pytest.raises(FileError, match="Paĝmontroj.*allowed: --columns views=NAME"):
        read(MATOMO_CSV, content)

    columns = {"views": "paĝmontroj"}
    assert read(MATOMO_CSV, content, columns=columns) == [Views(2, HOST, "/a", 2)]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(f"{CSV}/a,1,x,{HOST}/a\n", "line 2: 'x' is not a", id="views"),
        pytest.param(f"{CSV}/a,1\n", "line 2: '' is not a number", id="a short row"),
        pytest.param(
            f"date,{CSV}2026-11-20,{ROW}Total,{ROW}",
            "line 3: 'Total' is not a period; allowed: ",
            id="no period",
        ),
        pytest.param(
            "label,nb_visits,nb_hits\nblog,1,2\n",
            "line 1: .*no column with the URL; allowed: .*flat=1",
            id="a tree with folders only",
        ),
        pytest.param(
            "label,nb_visits,nb_hits,metadata_segment,metadata_url\n"
            "blog,1,2,pageUrl=^https%253A%252F%252Fexample.com%252Fblog,\n",
            "line 2: 'blog' is a folder; allowed: .*flat=1",
            id="a tree",
        ),
        pytest.param(
            f"idSite,date,{CSV}1,2026-11-20,{ROW}",
            "line 1: several websites.*allowed: one",
            id="several websites",
        ),
    ],
)
def test_should_refuse_wrong_csv(content: str, error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(MATOMO_CSV, content)


def days(*sizes: int) -> str:
    """Return a report of days with such numbers of pages."""
    return json.dumps(
        {f"2026-11-{day:02}": [PAGE] * size for day, size in enumerate(sizes, 1)}
    )


def test_should_refuse_days_that_were_cut_off() -> None:
    with pytest.raises(FileError, match="^3 tables.*allowed: .*filter_limit=-1"):
        read(MATOMO_JSON, days(100, 7, 100, 100))
    rows = "".join(f"2026-11-{day:02},{ROW}" for day in range(1, 4) for _ in range(100))
    with pytest.raises(FileError, match="^3 tables.*allowed: .*filter_limit=-1"):
        read(MATOMO_CSV, f"date,{CSV}{rows}")


@pytest.mark.parametrize(
    ("sizes", "number_of_notes"),
    [((100,), 1), ((100, 100, 7), 1), ((100, 100, 100, 101), 0), ((99, 99, 99), 0)],
)
def test_should_warn_of_days_that_may_be_cut_off(
    sizes: tuple[int, ...], number_of_notes: int
) -> None:
    entries = read(MATOMO_JSON, days(*sizes))

    notes = [each.text for each in entries if isinstance(each, Note)]
    assert len(notes) == number_of_notes
    assert all("exactly 100 pages" in text for text in notes)
    assert len(entries) == sum(sizes) + number_of_notes


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 9,
        b"\xff\xfe\x00\xd8",
        b"[]",
        b'[{"label":"Firefox","nb_visits":1}]',
        b'{"result":"error","message":"no"}',
        b"label,nb_visits\nFirefox,1\n",
        b"path,views\n/a,1\n",
    ],
)
def test_should_not_recognize_other_files(content: bytes) -> None:
    assert not [each for each in FORMATS if each.recognizes(document(content))]

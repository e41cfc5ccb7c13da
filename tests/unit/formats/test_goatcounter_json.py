"""Tests of GoatCounter's JSON export: which visits it has."""

from collections.abc import Mapping
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from page_tracker.transfer.entries import FileError, LeftOut, Views
from page_tracker.transfer.formats.goatcounter_json import GOATCOUNTER_JSON
from tests.unit.formats.reading import document, read, sample

DAY = date(2026, 11, 20)
VIEWS = '{"hour":"2026-11-20T08:00:00Z","path_id":7,"ref_id":1,"count":4}'


def export(
    views: str = VIEWS,
    *,
    info: str = '{"export_version": "1.0"}',
    paths: str = '{"id": 7, "path": "/a", "title": ""}\n',
) -> dict[str, str]:
    """Return the files of an export that matter, without a folder."""
    return {"info.json": info, "paths.jsonl": paths, "hit_stats.jsonl": views}


def test_should_read_a_sample() -> None:
    assert read(
        GOATCOUNTER_JSON, sample("goatcounter.zip"), timezone=ZoneInfo("Europe/Berlin")
    ) == [
        Views(1, "", "/", 3, DAY),
        Views(2, "", "/blog/a", 4, DAY),
        Views(3, "", "/blog/a", 2, DAY),
        LeftOut(4, "it is an event, not a view", "buy-click"),
    ]


@pytest.mark.parametrize("version", ["1.0", "1.7"])
def test_should_read_version_1_without_a_folder(version: str) -> None:
    content = export(info=f'{{"export_version": "{version}", "created_for": "a.b"}}')

    assert read(GOATCOUNTER_JSON, content) == [Views(1, "", "/a", 4, DAY)]


def test_should_leave_out_visits_of_unknown_paths() -> None:
    content = export(f'\n{VIEWS.replace("7", "8")}\r\n{VIEWS}\r\n')

    assert read(GOATCOUNTER_JSON, content) == [
        LeftOut(2, "paths.jsonl does not have its path", "8"),
        Views(3, "", "/a", 4, DAY),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (export(info='{"export_version": "2.0"}'), "info.json, line 1: .*'2.0'; allow"),
        (export(info='{"export_version": 1}'), "allowed: 1.0"),
        (export(info="{}"), "allowed: 1.0"),
        (export(info="[]"), "allowed: 1.0"),
        (export(info="\0"), "allowed: 1.0"),
        (export(paths='{"id": "7"}'), "paths.jsonl, line 1: the path is not valid"),
        (export(paths="\n7"), "paths.jsonl, line 2: '7' is not a JSON object"),
        (export(f"{VIEWS}\n{VIEWS[:-1]}"), "hit_stats.jsonl, line 2: .* JSON object"),
        (export("\0"), "hit_stats.jsonl, line 1: it contains a NUL byte"),
        (export(VIEWS.replace("4", "-4")), 'line 1: .* "count" from 0 to'),
        (export(VIEWS.replace("4", "4.5")), "the views are not valid"),
        (export(VIEWS.replace("4", "true")), "the views are not valid"),
        (export(VIEWS.replace("7", "[7]")), "the views are not valid"),
        (export(VIEWS.replace("T", ":")), "line 1: .* is not a time"),
        (export(VIEWS.replace('"2026-11-20T08:00:00Z"', "8")), "the views are not"),
    ],
)
def test_should_refuse_a_wrong_file(content: dict[str, str], error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(GOATCOUNTER_JSON, content)


@pytest.mark.parametrize("missing", ["info.json", "paths.jsonl", "hit_stats.jsonl"])
def test_should_not_recognize_a_part_of_an_export(missing: str) -> None:
    members = cast(Mapping[str, bytes], sample("goatcounter.zip"))
    rest = {name: text for name, text in members.items() if missing not in name}

    assert not GOATCOUNTER_JSON.recognizes(document(rest))

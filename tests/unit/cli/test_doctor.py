"""page-tracker doctor."""

import json

import pytest

from page_tracker.backends.protocol import Finding
from page_tracker.backends.redis import diagnosis
from tests.unit.cli.conftest import Run

WELL = Finding("append-only file", "ok", "is written")
ILL = Finding("maxmemory-policy", "warning", "allkeys-lru", "set noeviction")


@pytest.fixture(name="findings", autouse=True)
def fixture_findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What is found out about Redis; the tests may add to it."""
    findings = [WELL]
    monkeypatch.setattr(diagnosis, "examine", lambda _url, **_options: findings)
    monkeypatch.delenv("PAGE_TRACKER_TOKEN", raising=False)
    return findings


def test_should_end_with_0_when_all_is_well(run: Run) -> None:
    outcome = run("doctor")

    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.split("\t") for line in outcome.out.splitlines()]
    assert lines == [
        ["ok", "variables", "all are settings of the tracker", ""],
        ["ok", "token", lines[1][2], ""],
        ["ok", "place", "Redis at redis.example: as set", ""],
        ["ok", "append-only file", "is written", ""],
    ]
    assert "PAGE_TRACKER_TOKEN is not set" in lines[1][2]


def test_should_say_what_to_change_and_end_with_1(
    run: Run, findings: list[Finding]
) -> None:
    findings.append(ILL)

    outcome = run("doctor", tty="stdout")

    assert outcome.code == 1
    headings, *_, well, ill = outcome.out.splitlines()
    assert headings.split() == ["LEVEL", "CHECK", "FINDING", "WHAT", "TO", "CHANGE"]
    assert well == "ok       append-only file  is written"
    assert ill.startswith("warning  maxmemory-policy  allkeys-lru    ")
    assert ill.endswith("  set noeviction")


def test_should_tell_programs_what_it_has_found(
    run: Run, findings: list[Finding]
) -> None:
    findings.append(ILL)

    document = json.loads(run("doctor", "--json").out)

    assert document["ok"] is False
    assert document["findings"][-1] == {
        "check": "maxmemory-policy",
        "level": "warning",
        "text": "allkeys-lru",
        "advice": "set noeviction",
    }


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("PAGE_TRACKER_TIMEZON", "PAGE_TRACKER_TIMEZONE"),
        ("PAGE_TRACKER_MAX_PAGE", "PAGE_TRACKER_MAX_PAGES"),
        ("PAGE_TRACKER_DEDUP", "PAGE_TRACKER_DEDUPE"),
        ("PAGE_TRACKER_TIME_ZONE", "PAGE_TRACKER_TIMEZONE"),
    ],
)
def test_should_notice_a_misspelt_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    monkeypatch.setenv(name, "s3cret")

    outcome = run("doctor")

    assert outcome.code == 1
    assert outcome.out.startswith(
        f"warning\tvariables\t{name} is not a setting of the tracker\t"
        f"remove it, or set {nearest} instead\n"
    )


def test_should_see_a_token_and_keep_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_TOKEN", "s3cret-s3cret-s3cret")

    assert "ok\ttoken\tPAGE_TRACKER_TOKEN is set\t\n" in run("doctor").out


def test_should_not_be_content_with_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "memory://")

    outcome = run("doctor")

    assert outcome.code == 1
    assert outcome.out.splitlines()[-1] == (
        "warning\tplace\tmemory: as set\t"
        "set REDIS_URL to a Redis, which keeps the counts"
    )


def test_should_end_with_2_when_a_setting_is_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_TIMEZONE", "Berlin")

    outcome = run("doctor")

    assert outcome.code == 2
    assert outcome.err.startswith("page-tracker: PAGE_TRACKER_TIMEZONE: 'Berlin' is no")

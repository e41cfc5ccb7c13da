"""page-tracker doctor."""

import json

import pytest

from page_tracker.backends.redis import diagnosis
from page_tracker.operations.findings import Finding
from tests.unit.cli.conftest import Run

HEALTHY = Finding("append-only file", "ok", "is written")
UNHEALTHY = Finding("maxmemory-policy", "warning", "allkeys-lru", "set noeviction")


@pytest.fixture(name="findings", autouse=True)
def fixture_findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """The findings about Redis. Tests may add to them."""
    findings = [HEALTHY]
    monkeypatch.setattr(diagnosis, "examine", lambda _url, **_options: findings)
    monkeypatch.delenv("PAGE_TRACKER_TOKEN", raising=False)
    return findings


def test_should_exit_with_0_when_there_is_no_problem(run: Run) -> None:
    outcome = run("doctor")

    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.split("\t") for line in outcome.out.splitlines()]
    assert lines == [
        [
            "ok",
            "variables",
            "all PAGE_TRACKER_ variables are settings of the tracker",
            "",
        ],
        ["ok", "token", lines[1][2], ""],
        [
            "ok",
            "backend",
            "Redis at redis.example: set by REDIS_URL",
            "",
        ],
        ["ok", "append-only file", "is written", ""],
    ]
    assert "PAGE_TRACKER_TOKEN is not set" in lines[1][2]


def test_should_say_what_to_change_and_exit_with_1(
    run: Run, findings: list[Finding]
) -> None:
    findings.append(UNHEALTHY)

    outcome = run("doctor", tty="stdout")

    assert outcome.code == 1
    headings, *_, healthy, unhealthy = outcome.out.splitlines()
    assert headings.split() == ["LEVEL", "CHECK", "FINDING", "WHAT", "TO", "CHANGE"]
    assert healthy == "ok       append-only file  is written"
    assert unhealthy.startswith("warning  maxmemory-policy  allkeys-lru    ")
    assert unhealthy.endswith("  set noeviction")


def test_should_write_its_findings_as_json(run: Run, findings: list[Finding]) -> None:
    findings.append(UNHEALTHY)

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
def test_should_suggest_the_name_of_a_misspelled_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    monkeypatch.setenv(name, "s3cret")

    outcome = run("doctor")

    assert outcome.code == 1
    assert outcome.out.startswith(
        f"warning\tvariables\t{name} is not a setting of the tracker\t"
        f"remove it, or set {nearest} instead\n"
    )


def test_should_report_a_token_without_showing_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_TOKEN", "s3cret-s3cret-s3cret")

    assert "ok\ttoken\tPAGE_TRACKER_TOKEN is set\t\n" in run("doctor").out


def test_should_warn_about_counts_in_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "memory://")

    outcome = run("doctor")

    assert outcome.code == 1
    assert outcome.out.splitlines()[-1] == (
        "warning\tbackend\tmemory: set by REDIS_URL\t"
        "choose a SQLite file or a Redis, which keeps the counts"
    )


def test_should_exit_with_2_when_a_setting_is_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_TIMEZONE", "Berlin")

    outcome = run("doctor")

    assert outcome.code == 2
    assert outcome.err.startswith("page-tracker: PAGE_TRACKER_TIMEZONE: 'Berlin' is no")

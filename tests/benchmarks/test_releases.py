"""What a release keeps of its benchmarks, and how later runs show it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks import releases
from tests.benchmarks.comparisons import FULL, comparisons
from tests.benchmarks.contenders import CONTENDERS, LIMIT, TRACKER, Contender
from tests.benchmarks.measuring import Case, Figures
from tests.benchmarks.report import table_of
from tests.benchmarks.results import Result

LIMITED = Figures(
    requests_per_s=1000,
    server_cpu_us=100,
    redis_cpu_us=None,
    cpu_us=100,
    p50_ms=1,
    p99_ms=2,
    max_ms=3,
    memory_mb=50,
    meanwhile_ms=None,
)
TITLE = releases.IN_README


def results_with(server_cpu_us: float) -> dict[str, list[Result]]:
    """Return the results of a tracker that needs this CPU time, and of the limit."""
    tracker = replace(LIMITED, server_cpu_us=server_cpu_us)
    return {
        TITLE: [
            Result(Case(LIMIT, LIMIT, 32), [LIMITED]),
            Result(Case(TRACKER, TRACKER, 32), [tracker]),
        ]
    }


@pytest.fixture(name="kept")
def fixture_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of ratios, without any."""
    file = tmp_path / "last_release.json"
    file.write_text('{"version": "0.0.1", "ratios": {}}', "utf-8")
    monkeypatch.setattr(releases, "FILE", file)
    return file


def test_should_print_the_ratios_of_the_last_release(kept: Path) -> None:
    releases.keep(results_with(148))

    table = releases.table_of_ratios(results_with(142))

    version = json.loads(kept.read_text("utf-8"))["version"]
    assert f"version {version} in parentheses" in table
    assert f"\n| {TITLE}: tracker | 1.42 (1.48) | 1.00 (1.00) | " in table


@pytest.mark.usefixtures("kept")
def test_should_print_no_ratio_that_the_last_release_has_not_measured() -> None:
    assert TITLE not in releases.table_of_ratios(results_with(142))


def test_should_keep_the_ratios_that_a_run_has_not_measured(kept: Path) -> None:
    releases.keep(results_with(148))

    releases.keep({"Another comparison": results_with(142)[TITLE]})

    assert list(json.loads(kept.read_text("utf-8"))["ratios"]) == [
        TITLE,
        "Another comparison",
    ]


@pytest.mark.parametrize("before", ["", "|  | p50 |\n| --- | --- |\n| x | 1 |\n\n"])
def test_should_put_a_table_below_its_title(before: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"A sentence.\n\n### {TITLE}\n\n{before}The next one.\n", "utf-8")
    table = table_of(TITLE, results_with(148)[TITLE], ["server_cpu_us"])

    releases.document([table], page)

    assert page.read_text("utf-8") == f"A sentence.\n\n{table}\nThe next one.\n"
    assert "| tracker | 148 (1.48) |\n\nThe next one." in page.read_text("utf-8")


def test_should_put_figures_into_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "README.md"
    page.write_text("| **page_tracker, Redis** | 1 | 2 | 3 |\n| Flask | 4 |\n", "utf-8")
    monkeypatch.setattr(releases, "README", page)

    releases.update_readme(results_with(148)[TITLE])

    assert page.read_text("utf-8") == (
        "| **page_tracker, Redis** | 1000 (1.00) | 148 (1.48) | 2.00 (1.00) |\n"
        "| Flask | 4 |\n"
    )


@pytest.mark.parametrize("name", CONTENDERS)
def test_should_have_a_row_for_each_contender_in_the_readme(name: str) -> None:
    readme = releases.README.read_text("utf-8")
    assert f"\n| {releases.ROWS[name]} | " in readme


def test_should_compare_what_the_readme_shows() -> None:
    assert releases.IN_README in [each.title for each in comparisons(FULL)]


@pytest.mark.parametrize("title", [each.title for each in comparisons(FULL)])
def test_should_have_a_place_for_each_table_in_the_documentation(title: str) -> None:
    assert f"\n### {title}\n\n" in releases.DOCUMENT.read_text("utf-8")


@pytest.mark.parametrize("name", CONTENDERS)
def test_should_explain_each_contender_in_the_documentation(name: str) -> None:
    page = releases.DOCUMENT.read_text("utf-8").replace("**", "")
    assert f"\n| {name} | " in page


def test_should_say_how_to_install_what_a_contender_needs() -> None:
    contender = Contender((), needs={"missing-program": "apt-get install it"})

    assert (
        contender.missing() == "missing-program is not installed (apt-get install it)"
    )

"""The benchmark of the start runs and prints all figures. No test checks the speed."""

import pytest

from tests.benchmarks.start import main

pytestmark = pytest.mark.storm


def test_should_print_the_memory_the_start_and_what_takes_the_longest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["--rounds=1", "--seconds=0.5"])

    shown = capsys.readouterr().out
    for storage in "Redis", "SQLite":
        assert f"### Memory under load, {storage} (ratios to limit)\n" in shown
        assert f"\n| {storage} | " in shown
    assert shown.count("\n| tracker | ") == 2
    assert "\n| redis | " in shown
    assert "\n| everything | " in shown

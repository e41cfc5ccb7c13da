"""The benchmark of a cluster runs and returns all figures. No test checks the speed."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.cluster import main
from tests.benchmarks.setups import FIGURES, SETUPS

pytestmark = pytest.mark.storm


def test_should_count_each_answered_view_once_in_all_setups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"

    main(["--rounds=1", "--seconds=1", "--connections=8", "--json", str(file)])

    report = json.loads(file.read_text("utf-8"))
    shown = capsys.readouterr().out
    assert list(report["setups"]) == [setup.name for setup in SETUPS]
    for name, (figures,) in report["setups"].items():
        assert f"\n| {name} | " in shown
        assert set(figures) == set(FIGURES)
        # wrk exits before it receives the last answers.
        assert 0 < figures["answered"] <= figures["counted"]
    assert "\n| 1 000 000 000 | " in shown
    assert all(value > 0 for value in report["view"].values())
    assert report["batches"][0]["redis_cpu_us"] > report["batches"][-1]["redis_cpu_us"]
    memory = [each["memory_bytes"] for each in report["visitors"]]
    assert memory == sorted(memory)

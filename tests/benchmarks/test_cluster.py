"""The benchmark of a cluster runs and returns all figures. No test checks the speed."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.cluster import FIGURES, SETUPS, main

pytestmark = pytest.mark.storm


def test_should_count_each_answered_view_once_in_all_setups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"

    main(["--rounds=1", "--seconds=1", "--connections=8", "--json", str(file)])

    report = json.loads(file.read_text("utf-8"))
    shown = capsys.readouterr().out
    assert [each["setup"] for each in report["setups"]] == [s.name for s in SETUPS]
    for each in report["setups"]:
        assert f"\n| {each['setup']} | " in shown
        (figures,) = each["rounds"]
        assert set(figures) == set(FIGURES)
        # wrk exits before it receives the last answers.
        assert 0 < figures["answered"] <= figures["counted"]
    assert report["batches"][0]["redis_cpu_us"] > report["batches"][-1]["redis_cpu_us"]
    memory = [each["memory_bytes"] for each in report["visitors"]]
    assert memory == sorted(memory)

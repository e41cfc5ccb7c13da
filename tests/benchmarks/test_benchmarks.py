"""The benchmarks run and return all figures. No test checks the speed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.benchmarks import browsers, clients, wrk
from tests.benchmarks.__main__ import main
from tests.benchmarks.contenders import CONTENDERS, TRACKER, Storage, left_out
from tests.benchmarks.loading import Load
from tests.benchmarks.report import cell
from tests.benchmarks.results import FIGURES
from tests.benchmarks.running import open_testbed
from tests.benchmarks.targets import Target
from tests.browser.http_server import HttpServer, QuietHandler
from tests.conftest import SHOWN
from tests.counting import view_front_page

pytestmark = pytest.mark.storm

SECONDS = 3
"""How long to load a server, because Redis may wait for a slow disk for a second."""


@pytest.mark.timeout(300)
def test_should_report_all_figures(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    file = tmp_path / "figures.json"

    main(["--quick", "--json", str(file), "--images", str(tmp_path)])

    report = json.loads(file.read_text("utf-8"))
    shown = capsys.readouterr().out
    first = report["comparisons"][0]
    missing = left_out()
    assert [case["name"] for case in first["cases"]] == [
        name for name in CONTENDERS if name not in missing
    ]
    for name, reason in missing.items():
        assert f"Left out: {name}, because {reason}\n" in shown
    for comparison in report["comparisons"]:
        assert f"### {comparison['title']}\n" in shown
        for case in comparison["cases"]:
            assert f"\n| {case['name']} | " in shown
            assert_complete(case)
    assert all(memory["keys_per_page"] > 0 for memory in report["memory"])
    assert_drawn(report["comparisons"], tmp_path)
    # Fewer pages fit into the space that an empty file has.
    most = report["space"][-1]
    assert most["page"] > most["day"] > 0
    record_property(SHOWN, shown[shown.index("### Ratios") :])


def assert_complete(case: dict[str, Any]) -> None:
    """Fail if a figure of this case is missing. Only CPU times may be zero.

    On a slow disk, the few requests of a short round may take no measurable CPU time.
    """
    expected = set(FIGURES) - {"meanwhile_ms"}
    if CONTENDERS[case["contender"]].storage is not Storage.REDIS:
        expected.remove("redis_cpu_us")
    for figures in (*case["rounds"], case["median"]):
        measured = {
            name
            for name, value in figures.items()
            if value or (value is not None and "cpu" in name)
        }
        assert measured - {"meanwhile_ms"} == expected, case


def assert_drawn(comparisons: list[dict[str, Any]], folder: Path) -> None:
    """Fail if the CPU time of a case of growth is not in a plot of this folder."""
    plots = [ElementTree.parse(file) for file in folder.glob("growth-*.svg")]
    drawn = {text for plot in plots for text in plot.getroot().itertext()}
    for comparison in comparisons:
        if comparison["title"].startswith("Growth"):
            for case in comparison["cases"]:
                cpu = (case[kind]["server_cpu_us"] for kind in ("median", "ratio"))
                assert {case["name"], cell(*cpu)} <= drawn


LOADS: dict[str, Load] = {"ours": clients.load}
if wrk.can_load(1):
    LOADS["wrk"] = wrk.load


@pytest.fixture(name="load", params=LOADS)
def fixture_load(request: pytest.FixtureRequest) -> Load:
    """Each kind of clients that is available."""
    name: str = request.param
    return LOADS[name]


def test_should_count_answered_requests(load: Load) -> None:
    with open_testbed() as testbed:
        url = testbed.contender(TRACKER).url

        seen = load(url, Target(), 8, SECONDS)

        # wrk exits before it receives the last responses.
        assert 0 < seen.requests < view_front_page(url)
    assert 0 < seen.p50_ms <= seen.p99_ms
    assert seen.seconds >= SECONDS


def test_should_request_different_pages(load: Load) -> None:
    with open_testbed() as testbed:
        url = testbed.contender(TRACKER).url

        load(url, Target("/hit.txt?page=known.example/{}", pages=5), 4, SECONDS)
        seen = load(url, Target("/hit.txt?page=new.example/{}"), 4, SECONDS)

        assert testbed.redis.zcard("{page_views:known.example}:pages") == 5
        assert testbed.redis.zcard("{page_views:new.example}:pages") >= seen.requests


class Recording(HttpServer):
    """Answers every request, and records the heads of all of them."""

    def __init__(self) -> None:
        heads: list[dict[str, str]] = []

        class _Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
                """Answer, and record the head."""
                heads.append(dict(self.headers))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(_Handler)
        self.url = f"http://127.0.0.1:{self.port}"
        self.heads = heads
        """The headers of each request, in their order."""


def test_should_ask_as_a_thousand_visitors_with_two_browsers(load: Load) -> None:
    with Recording() as server:
        load(server.url, Target(), 1, SECONDS)

    assert all(head["Host"] == server.url[7:] for head in server.heads)
    by_browser = [
        [head for head in server.heads if browser in head["User-Agent"]]
        for browser in ("Firefox/", "Chrome/")
    ]
    for recorded, heads in zip(browsers.recorded(), by_browser, strict=True):
        names = [header.partition(":")[0] for header in recorded["headers"]]
        assert all(list(head) == ["Host", *names] for head in heads)
        # They take turns, so nobody asks twice before all have asked once.
        assert len({head["User-Agent"] for head in heads}) == min(len(heads), 500)
        assert abs(len(heads) - len(server.heads) / 2) <= 1


def test_should_ask_with_one_header(load: Load) -> None:
    with Recording() as server:
        load(server.url, Target(bare=True), 1, 1)

    assert server.heads
    assert all(head == {"Host": server.url[7:]} for head in server.heads)


def test_should_fail_if_a_request_fails(load: Load) -> None:
    with open_testbed() as testbed:
        url = testbed.contender(TRACKER).url
        testbed.redis.set("page_views", "not a number")

        with pytest.raises(AssertionError):
            load(url, Target(), 1, SECONDS)

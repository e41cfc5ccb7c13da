"""Tests of /metrics: its content, its formats and its permissions."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from webtest import TestApp

from page_tracker import BackendError, MemoryBackend, Rules, create_app
from page_tracker.app import new_metrics
from page_tracker.backends.group_commit import GroupCommit, Pending, in_thread
from page_tracker.operations.metrics import Metrics
from page_tracker.operations.prometheus import expose
from page_tracker.web.routes import OTHER, ROUTES
from tests.servers import wait_until

TOKEN = "an-owner-s-token-of-the-tests"
OWNER = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(name="metrics")
def fixture_metrics() -> Metrics:
    return new_metrics()


@pytest.fixture(name="client")
def fixture_client(metrics: Metrics) -> TestApp:
    """A client of a tracker with a token. The backend updates the same metrics."""
    backend = MemoryBackend(metrics=metrics)
    rules = Rules(token=TOKEN)
    return TestApp(create_app(backend=backend, rules=rules, metrics=metrics))


def samples_in(families: Iterable[Metric]) -> Samples:
    """Return the value of each sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def shown(client: TestApp) -> Samples:
    """Request the samples as the owner."""
    text = client.get("/metrics", extra_environ=OWNER).text
    return samples_in(text_string_to_metric_families(text))


def exposed(metrics: Metrics) -> Samples:
    """Return the samples that /metrics would show."""
    body, _ = expose(metrics.read(), "")
    return samples_in(text_string_to_metric_families(body.decode()))


def number(samples: Samples, name: str, **labels: str) -> float:
    """Return the value of one sample."""
    return samples[f"page_tracker_{name}", frozenset(labels.items())]


def answered(redis: GroupCommit[bool, None]) -> bool:
    """Return whether the backend answers again."""
    try:
        redis.call(True)
    except BackendError:
        return False
    return True


class TestRequests:
    """Metrics of requests."""

    def test_should_count_by_route_and_class_of_status(self, client: TestApp) -> None:
        client.get("/hit.json?page=example.com/a")
        client.get("/hit.json?page=example.com/b")
        client.get("/hit.json", status=400)
        client.delete("/hit.json", status=405)
        client.get("/get/example.com/a-key")

        numbers = shown(client)

        hits = {"route": "/hit.json"}
        assert number(numbers, "requests_total", **hits, status="2xx") == 2
        assert number(numbers, "requests_total", **hits, status="4xx") == 2
        assert number(numbers, "request_seconds_count", **hits) == 4
        assert 0 < number(numbers, "request_seconds_sum", **hits) < 10
        by_path = {"route": "/get/{namespace}/{key}"}
        assert number(numbers, "requests_total", **by_path, status="2xx") == 1

    def test_should_count_not_modified_responses_separately(
        self, client: TestApp
    ) -> None:
        etag = client.get("/track.js").headers["ETag"]
        client.get("/track.js", headers={"If-None-Match": etag}, status=304)

        numbers = shown(client)

        script = {"route": "/track.js"}
        assert number(numbers, "requests_total", **script, status="2xx") == 1
        assert number(numbers, "requests_total", **script, status="3xx") == 1

    def test_should_not_show_unknown_paths(self, client: TestApp) -> None:
        client.get("/made-up", status=404)
        client.get("/api/made-up", status=404)

        numbers = shown(client)

        assert number(numbers, "requests_total", route=OTHER, status="4xx") == 2
        routes = {dict(labels).get("route", OTHER) for _, labels in numbers}
        assert routes == {*ROUTES, OTHER}

    def test_should_count_a_duration_in_each_bucket_that_includes_it(
        self, metrics: Metrics
    ) -> None:
        for seconds in (0.001, 0.0011, 4.0, 60.0):
            metrics.answered("/", 200, seconds)

        numbers = exposed(metrics)

        for bound, count in {"0.001": 1, "0.002": 2, "5.0": 3, "+Inf": 4}.items():
            bucket = {"route": "/", "le": bound}
            assert number(numbers, "request_seconds_bucket", **bucket) == count


class TestBackend:
    """Metrics of counting."""

    def test_should_count_ignored_views_by_reason(self, client: TestApp) -> None:
        crawler = {"User-Agent": "Googlebot/2.1"}
        client.get("/hit.json?page=example.com", headers=crawler)
        client.get("/", headers=crawler)
        client.get("/")

        numbers = shown(client)

        assert number(numbers, "ignored_total", reason="crawler") == 2
        assert number(numbers, "ignored_total", reason="repeat") == 0

    def test_should_show_batches_retries_and_commits(self, metrics: Metrics) -> None:
        metrics.sent(3)
        metrics.sent(300)
        metrics.sent_again(2)
        metrics.committed(0.003)

        numbers = exposed(metrics)

        assert number(numbers, "batch_views_sum") == 303
        assert number(numbers, "batch_views_bucket", le="4.0") == 1
        assert number(numbers, "batch_views_bucket", le="256.0") == 1
        assert number(numbers, "batch_views_count") == 2
        assert number(numbers, "retries_total") == 2
        assert number(numbers, "commit_seconds_bucket", le="0.005") == 1

    def test_should_show_an_outage_while_it_lasts(
        self, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("page_tracker.backends.group_commit._PROBE_EVERY_S", 0.1)

        def commit(batch: Sequence[Pending[bool, None]]) -> None:
            for pending in batch:
                if pending.request:
                    pending.succeed(None)

        redis = GroupCommit(
            in_thread(commit),
            storage="Redis",
            deadline_s=0.05,
            on_outage=metrics.breakers_opened,
        )
        with pytest.raises(BackendError):
            redis.call(False)
        during = number(exposed(metrics), "breakers_open")
        wait_until(lambda: answered(redis), "the end of the outage")

        assert during == 1
        assert number(exposed(metrics), "breakers_open") == 0


class TestFormats:
    """Prometheus' own format, and OpenMetrics."""

    def test_should_show_versions_and_workers(self, client: TestApp) -> None:
        numbers = shown(client)

        assert number(numbers, "workers") == 1
        assert number(numbers, "build_info", version=version("page-tracker")) == 1

    def test_should_be_plain_text_by_default(self, client: TestApp) -> None:
        response = client.get("/metrics", extra_environ=OWNER)

        media_type = response.headers["Content-Type"]
        assert media_type == "text/plain; version=0.0.4; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("parameters", ["", ";version=1.0.0;q=0.5", ";version=x"])
    def test_should_be_openmetrics_on_request(
        self, client: TestApp, parameters: str
    ) -> None:
        client.get("/")
        accept = {"Accept": f"application/openmetrics-text{parameters}, text/plain"}

        response = client.get("/metrics", headers=accept, extra_environ=OWNER)

        media_type = response.headers["Content-Type"]
        assert (
            media_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
        families = openmetrics.text_string_to_metric_families(  # it has no types
            response.text
        )  # type: ignore[no-untyped-call]
        numbers = samples_in(families)
        assert number(numbers, "requests_total", route="/", status="2xx") == 1

    def test_should_have_no_body_for_head(self, client: TestApp) -> None:
        assert client.head("/metrics", extra_environ=OWNER).body == b""


class TestPermissions:
    """Only the owner may read the metrics."""

    def test_should_show_nothing_without_the_token(self, client: TestApp) -> None:
        response = client.get("/metrics", status=401)

        assert "page_tracker_" not in response.text
        assert "WWW-Authenticate" in response.headers

    def test_should_show_nothing_if_no_token_is_set(self) -> None:
        client = TestApp(create_app(backend=MemoryBackend()))

        response = client.get("/metrics", status=403)

        assert "PAGE_TRACKER_TOKEN" in response.text

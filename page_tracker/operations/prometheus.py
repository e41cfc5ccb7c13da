"""The numbers in the formats of Prometheus: its own, and OpenMetrics.

Imported when somebody asks: prometheus_client imports ssl, which nobody must do in
Gunicorn's master, see choice.py, and takes a megabyte or two.
"""

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from page_tracker.operations.metrics import SECONDS, VIEWS, Histogram, Numbers

_OPEN_METRICS = "application/openmetrics-text"


def expose(numbers: Numbers, accept: str) -> tuple[bytes, str]:
    """Return the numbers in the best format that is accepted, and its media type."""
    registry = CollectorRegistry()
    registry.register(_Numbers(numbers))
    # Not told all of it: it would trip over a version that is no number, and promise
    # one that it does not know.
    encode, media_type = choose_encoder(
        _OPEN_METRICS if _OPEN_METRICS in accept else ""
    )
    return encode(registry), media_type


class _Numbers(Collector):
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """Yield each family of numbers."""
        numbers = self._numbers
        requests = CounterMetricFamily(
            "page_tracker_requests",
            "Requests answered, by route and kind of status.",
            labels=["route", "status"],
        )
        for (route, status), count in numbers.requests.items():
            requests.add_metric([route, f"{status}xx"], count)
        yield requests
        seconds = HistogramMetricFamily(
            "page_tracker_request_seconds",
            "Time until a request was answered.",
            labels=["route"],
        )
        for route, histogram in numbers.request_seconds.items():
            buckets = _buckets(histogram, SECONDS)
            seconds.add_metric([route], buckets, histogram.sum)
        yield seconds
        yield from self._of_the_backend()
        yield GaugeMetricFamily(
            "page_tracker_workers",
            "Worker processes that run.",
            numbers.workers,
        )
        build = GaugeMetricFamily(
            "page_tracker_build_info",
            "The version of the tracker.",
            labels=["version"],
        )
        build.add_metric([version("page-tracker")], 1)
        yield build

    def _of_the_backend(self) -> Iterator[Metric]:
        numbers = self._numbers
        ignored = CounterMetricFamily(
            "page_tracker_ignored",
            "Views not counted, by reason.",
            labels=["reason"],
        )
        for reason, count in numbers.ignored.items():
            ignored.add_metric([reason.value], count)
        yield ignored
        yield HistogramMetricFamily(
            "page_tracker_batch_views",
            "Views that were sent to Redis as one batch.",
            _buckets(numbers.batch_views, VIEWS),
            numbers.batch_views.sum,
        )
        yield HistogramMetricFamily(
            "page_tracker_commit_seconds",
            "Time until all that was sent to Redis at once was answered or failed.",
            _buckets(numbers.commit_seconds, SECONDS),
            numbers.commit_seconds.sum,
        )
        yield CounterMetricFamily(
            "page_tracker_retries",
            "Times that something had to be sent to Redis again.",
            numbers.retries,
        )
        yield GaugeMetricFamily(
            "page_tracker_breakers_open",
            "Connections to Redis on which requests fail at once, for want of answers.",
            numbers.breakers_open,
        )


def _buckets(
    histogram: Histogram, bounds: tuple[float, ...]
) -> list[tuple[str, float]]:
    names = [*map(floatToGoString, bounds), "+Inf"]
    return list(zip(names, histogram.counts, strict=True))

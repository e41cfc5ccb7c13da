"""The metrics in the Prometheus text format and in OpenMetrics.

Import this module only when metrics are requested, because the library that it imports
takes 1 to 2 MB.
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

from page_tracker.operations.metrics import SECONDS, VIEWS, Histogram, Snapshot

_OPEN_METRICS = "application/openmetrics-text"


def expose(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """Return the metrics in a format that the client accepts, and its media type.

    The format is OpenMetrics 1.0.0 if the Accept header names it, else the text format
    0.0.4 of Prometheus.
    """
    registry = CollectorRegistry()
    registry.register(_Collector(snapshot))
    # choose_encoder() does not get the whole header: it fails at a version that is not
    # a number, and it announces versions that it does not support.
    encode, media_type = choose_encoder(
        _OPEN_METRICS if _OPEN_METRICS in accept else ""
    )
    return encode(registry), media_type


class _Collector(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        snapshot = self._snapshot
        requests = CounterMetricFamily(
            "page_tracker_requests",
            "Answered requests, by route and class of status.",
            labels=["route", "status"],
        )
        for (route, status), count in snapshot.requests.items():
            requests.add_metric([route, f"{status}xx"], count)
        yield requests
        seconds = HistogramMetricFamily(
            "page_tracker_request_seconds",
            "Time until a request was answered.",
            labels=["route"],
        )
        for route, histogram in snapshot.request_seconds.items():
            buckets = _buckets(histogram, SECONDS)
            seconds.add_metric([route], buckets, histogram.sum)
        yield seconds
        yield from self._collect_backend_metrics()
        yield GaugeMetricFamily(
            "page_tracker_workers",
            "Running worker processes.",
            snapshot.workers,
        )
        build = GaugeMetricFamily(
            "page_tracker_build_info",
            "The version of the tracker.",
            labels=["version"],
        )
        build.add_metric([version("page-tracker")], 1)
        yield build

    def _collect_backend_metrics(self) -> Iterator[Metric]:
        snapshot = self._snapshot
        ignored = CounterMetricFamily(
            "page_tracker_ignored",
            "Ignored views, by reason.",
            labels=["reason"],
        )
        for reason, count in snapshot.ignored.items():
            ignored.add_metric([reason.value], count)
        yield ignored
        yield HistogramMetricFamily(
            "page_tracker_batch_views",
            "Number of views in a batch sent to the storage.",
            _buckets(snapshot.batch_views, VIEWS),
            snapshot.batch_views.sum,
        )
        yield HistogramMetricFamily(
            "page_tracker_commit_seconds",
            "Time until a group of batches sent to the storage succeeded or failed.",
            _buckets(snapshot.commit_seconds, SECONDS),
            snapshot.commit_seconds.sum,
        )
        yield CounterMetricFamily(
            "page_tracker_retries",
            "Batches sent to Redis again.",
            snapshot.retries,
        )
        yield GaugeMetricFamily(
            "page_tracker_breakers_open",
            "Circuit breakers to the storage that are open: requests fail at once.",
            snapshot.breakers_open,
        )


def _buckets(
    histogram: Histogram, bounds: tuple[float, ...]
) -> list[tuple[str, float]]:
    names = [*map(floatToGoString, bounds), "+Inf"]
    return list(zip(names, histogram.counts, strict=True))

"""Tests of live updates."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest

from page_tracker import PageTracker, Rules, create_app
from page_tracker.web import live
from page_tracker.web.endpoints import events
from page_tracker.web.live import Live, SubscriptionError
from page_tracker.web.request import Request
from page_tracker.web.response import Response, Stream
from tests.owner import TOKEN, owner_of
from tests.servers import wait_until
from tests.unit.live.streams import (
    ALIVE,
    DAY,
    RETRY,
    Backend,
    Calendar,
    next_event,
    readers,
    views,
    watch,
)


def test_should_send_all_sites_and_then_changes(updates: Live, counts: Backend) -> None:
    counts.record_view("a.example")
    counts.record_view("b.example")
    counts.record_view("b.example")
    _, parts = watch(updates)

    first = next_event(parts)
    assert first["today"] == "2026-11-25"
    assert first["sites"] == [
        {
            "site": "b.example",
            "name": "b.example",
            "views": 2,
            "pages": 1,
            "views_today": 2,
            "visitors_today": 0,
        },
        {
            "site": "a.example",
            "name": "a.example",
            "views": 1,
            "pages": 1,
            "views_today": 1,
            "visitors_today": 0,
        },
    ]
    counts.record_view("a.example")
    assert views(next_event(parts)) == {"a.example": 2}
    counts.record_view("c.example")
    assert views(next_event(parts)) == {"c.example": 1}


def test_should_serve_all_subscribers_with_one_reading(
    updates: Live, counts: Backend
) -> None:
    watching = [watch(updates)[1] for _ in range(50)]
    assert [views(next_event(parts)) for parts in watching] == [{}] * 50
    counts.record_view("a.example")

    assert [views(next_event(parts)) for parts in watching] == [{"a.example": 1}] * 50
    assert len(readers()) == 1


def test_should_send_all_to_new_subscribers_and_missed_changes_to_slow_ones(
    updates: Live, counts: Backend
) -> None:
    counts.record_view("a.example")
    _, slow = watch(updates)
    _, quick = watch(updates)
    next_event(slow)
    next_event(quick)
    for site in ("b.example", "c.example", "b.example"):
        counts.record_view(site)
        next_event(quick)

    assert views(next_event(slow)) == {"b.example": 2, "c.example": 1}
    _, late = watch(updates)
    assert views(next_event(late)) == {
        "a.example": 1,
        "b.example": 2,
        "c.example": 1,
    }


def test_should_send_zeros_for_a_deleted_site(updates: Live, counts: Backend) -> None:
    counts.record_view("a.example")
    _, parts = watch(updates)
    next_event(parts)

    counts.delete_site("a.example", DAY)

    assert views(next_event(parts)) == {"a.example": 0}
    _, late = watch(updates)
    assert views(next_event(late)) == {}


def test_should_send_an_event_when_a_new_day_begins(
    updates: Live, counts: Backend
) -> None:
    counts.record_view("a.example", day=DAY - timedelta(days=1))
    _, parts = watch(updates)
    assert next_event(parts)["sites"][0]["views_today"] == 0

    Calendar.days.append(DAY + timedelta(days=1))

    assert next_event(parts) == {"today": "2026-11-26", "sites": []}


def test_should_send_heartbeats_while_nothing_changes(
    updates: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_HEARTBEAT_S", 0.01)
    _, parts = watch(updates)
    next_event(parts)

    assert [next_event(parts, "alive") for _ in range(3)] == [{}] * 3


def test_should_send_heartbeats_while_it_spares_a_slow_backend(
    updates: Live, counts: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_HEARTBEAT_S", 0.01)
    # The pause after a reading takes nine times as long.
    counts.delay_s = 0.3
    _, parts = watch(updates)
    next_event(parts)

    assert [next_event(parts, "alive") for _ in range(3)] == [{}] * 3
    assert counts.readings == 1


def test_should_wake_only_a_few_streams_at_once(
    updates: Live, counts: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_WOKEN_AT_ONCE", 2)
    monkeypatch.setattr(live, "_PAUSE_S", 0.05)
    watching = [watch(updates)[1] for _ in range(10)]
    with ThreadPoolExecutor(len(watching)) as threads:
        list(threads.map(next_event, watching))
        counts.record_view("a.example")

        def time_of_event(parts: Iterator[bytes]) -> float:
            next_event(parts)
            return time.monotonic()

        times = list(threads.map(time_of_event, watching))

    # There are four pauses between the first two and the last two.
    assert max(times) - min(times) > 3 * 0.05


def test_should_read_only_while_there_are_subscribers(
    updates: Live, counts: Backend
) -> None:
    assert (readers(), counts.readings) == ([], 0)
    first, parts = watch(updates)
    second, _ = watch(updates)
    next_event(parts)

    first.close()
    before = counts.readings
    wait_until(lambda: counts.readings > before + 2, "more readings")
    second.close()
    second.close()

    wait_until(lambda: not readers(), "the end of reading")
    counts.record_view("a.example")
    _, again = watch(updates)
    assert views(next_event(again)) == {"a.example": 1}


def test_should_read_a_slow_backend_less_often(updates: Live, counts: Backend) -> None:
    counts.delay_s = 0.05
    updates.subscribe()

    wait_until(lambda: counts.readings == 2, "a second reading")

    # A reading takes 0.05 s, and readings take at most a tenth of the time.
    first, second = counts.read_at
    assert second - first >= 0.5


def test_should_limit_the_subscribers(
    updates: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_MAX_SUBSCRIBERS", 3)
    watching = [updates.subscribe() for _ in range(3)]

    with pytest.raises(SubscriptionError, match="too many subscribers; allowed: 3"):
        updates.subscribe()
    watching[0].close()

    assert next(iter(updates.subscribe())) == RETRY


def test_should_end_when_the_server_does(updates: Live) -> None:
    _, parts = watch(updates)
    next_event(parts)

    updates.end()

    assert set(parts) <= {ALIVE}
    wait_until(lambda: not readers(), "the end of reading")
    with pytest.raises(SubscriptionError, match="stopping"):
        updates.subscribe()


def test_should_start_again_in_a_forked_process(
    updates: Live, counts: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts.record_view("a.example")
    before, parts = watch(updates)
    next_event(parts)
    monkeypatch.setattr(os, "getpid", lambda: -1)

    _, parts = watch(updates)
    # The test has only one process. A second thread shows the new start.
    wait_until(lambda: len(readers()) == 2, "a new thread")

    before.close()
    assert parts


class TestOverHttp:
    """GET /api/events."""

    @pytest.fixture(name="app")
    def fixture_app(
        self, counts: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> PageTracker:
        """A tracker that accepts streams as if requests ran on greenlets."""
        monkeypatch.setattr(events, "runs_on_greenlets", lambda: True)
        return create_app(backend=counts, rules=Rules(token=TOKEN))

    def test_should_send_only_headers_for_head(
        self, app: PageTracker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "_MAX_SUBSCRIBERS", 1)
        client = owner_of(app)
        for _ in range(3):
            head = client.head("/api/events", status=200)

            assert head.headers["Content-Type"].startswith("text/event-stream")
            assert head.headers["Cache-Control"] == "no-store"
            assert "Content-Length" not in head.headers
        wait_until(lambda: not readers(), "the end of reading")

    def test_should_refuse_subscribers_when_it_stops(self, app: PageTracker) -> None:
        app.end_streams()

        answer = owner_of(app).get("/api/events", status=503)

        assert "the server is stopping" in answer.json["error"]

    def test_should_close_a_stream(self) -> None:
        over: list[str] = []
        environ = {"REQUEST_METHOD": "GET"}
        stream = Stream(iter([b"a", b"b"]), lambda: over.append("closed"))

        sent = Response(HTTPStatus.OK, stream).send(Request(environ), lambda *_: print)

        assert (list(sent), over) == ([b"a", b"b"], [])
        assert isinstance(sent, Stream)
        sent.close()
        assert over == ["closed"]

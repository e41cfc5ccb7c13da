"""What those are told who watch the numbers change."""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import pytest

from page_tracker import (
    BackendError,
    MemoryBackend,
    Page,
    PageTracker,
    Rules,
    SiteTotal,
    View,
    create_app,
)
from page_tracker.operations.logs import FailureLog
from page_tracker.web import live
from page_tracker.web.endpoints import events
from page_tracker.web.http import Request, Response, Stream
from page_tracker.web.live import Live, SubscriptionError
from tests.owner import TOKEN, owner_of
from tests.servers import wait_until

DAY = date(2026, 11, 25)
HELLO = b"retry: 1000\n\n"


class Calendar(Rules):
    """Rules of the day that a test sets."""

    days = [DAY]

    def today(self) -> date:
        """Return the last day that there is."""
        return self.days[-1]


class Backend(MemoryBackend):
    """A backend that says when it was asked, and fails when it is to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_at: list[float] = []
        self.takes_s = 0.0
        self.fails = False

    def sites(self, today: date) -> list[SiteTotal]:
        """Return the sites, or fail."""
        self.asked_at.append(time.monotonic())
        time.sleep(self.takes_s)
        if self.fails:
            raise BackendError("cannot list") from ConnectionError("nobody there")
        return super().sites(today)

    @property
    def asked(self) -> int:
        """How often it was asked."""
        return len(self.asked_at)

    def see(self, site: str, *, day: date = DAY) -> None:
        """Record a view of a site."""
        self.record(View(Page(site, "/"), day))


@pytest.fixture(name="counts")
def fixture_counts() -> Backend:
    return Backend()


@pytest.fixture(name="told")
def fixture_told(counts: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Asks a hundred times a second, so that no test has to wait."""
    monkeypatch.setattr(live, "_POLL_S", 0.01)
    monkeypatch.setattr(live, "_REST_AFTER_FAILURE_S", 0.01)
    monkeypatch.setattr(live, "_HEARTBEAT_S", 20)
    monkeypatch.setattr(Calendar, "days", [DAY])
    told = Live(counts, Calendar(), FailureLog(logging.getLogger("page_tracker")))
    yield told
    told.end()
    wait_until(lambda: not pollers(), "nobody to ask any more")


def pollers() -> list[threading.Thread]:
    """Return those who ask."""
    return [thread for thread in threading.enumerate() if thread.name == "live"]


def next_event(parts: Iterator[bytes]) -> dict[str, Any]:
    """Return what the next event says."""
    name, data, *end = next(parts).decode().split("\n")
    assert (name, end) == ("event: sites", ["", ""])
    content: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return content


def views(event: dict[str, Any]) -> dict[str, int]:
    """Return the views of each site that an event names."""
    return {site["site"]: site["views"] for site in event["sites"]}


def watch(told: Live) -> tuple[Stream, Iterator[bytes]]:
    """Begin to watch; return what is told after the greeting."""
    stream = told.subscribe()
    parts = iter(stream)
    assert next(parts) == HELLO
    return stream, parts


def test_should_tell_all_sites_and_then_what_changes(
    told: Live, counts: Backend
) -> None:
    counts.see("a.example")
    counts.see("b.example")
    counts.see("b.example")
    _, parts = watch(told)

    first = next_event(parts)
    assert first["today"] == "2026-11-25"
    assert first["sites"] == [
        {
            "site": "b.example",
            "views": 2,
            "pages": 1,
            "views_today": 2,
            "visitors_today": 0,
        },
        {
            "site": "a.example",
            "views": 1,
            "pages": 1,
            "views_today": 1,
            "visitors_today": 0,
        },
    ]
    counts.see("a.example")
    assert views(next_event(parts)) == {"a.example": 2}
    counts.see("c.example")
    assert views(next_event(parts)) == {"c.example": 1}


def test_should_tell_everybody_with_one_question(told: Live, counts: Backend) -> None:
    watching = [watch(told)[1] for _ in range(50)]
    assert [views(next_event(parts)) for parts in watching] == [{}] * 50
    counts.see("a.example")

    assert [views(next_event(parts)) for parts in watching] == [{"a.example": 1}] * 50
    assert len(pollers()) == 1


def test_should_tell_late_comers_all_and_the_slow_what_they_have_missed(
    told: Live, counts: Backend
) -> None:
    counts.see("a.example")
    _, slow = watch(told)
    _, quick = watch(told)
    next_event(slow)
    next_event(quick)
    for site in ("b.example", "c.example", "b.example"):
        counts.see(site)
        next_event(quick)

    assert views(next_event(slow)) == {"b.example": 2, "c.example": 1}
    _, late = watch(told)
    assert views(next_event(late)) == {
        "a.example": 1,
        "b.example": 2,
        "c.example": 1,
    }


def test_should_tell_of_a_site_that_is_gone_that_it_has_nothing(
    told: Live, counts: Backend
) -> None:
    counts.see("a.example")
    _, parts = watch(told)
    next_event(parts)

    counts.delete_site("a.example", DAY)

    assert views(next_event(parts)) == {"a.example": 0}
    _, late = watch(told)
    assert views(next_event(late)) == {}


def test_should_tell_when_a_new_day_begins(told: Live, counts: Backend) -> None:
    counts.see("a.example", day=DAY - timedelta(days=1))
    _, parts = watch(told)
    assert next_event(parts)["sites"][0]["views_today"] == 0

    Calendar.days.append(DAY + timedelta(days=1))

    assert next_event(parts) == {"today": "2026-11-26", "sites": []}


def test_should_go_on_when_the_backend_is_back(
    told: Live, counts: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    _, parts = watch(told)
    next_event(parts)
    counts.fails = True
    asked = counts.asked
    wait_until(lambda: counts.asked > asked + 5, "failures")
    counts.see("a.example")
    counts.fails = False

    assert views(next_event(parts)) == {"a.example": 1}
    assert caplog.messages == [
        "A request failed: cannot list: ConnectionError: nobody there"
    ]


def test_should_show_that_it_lives_while_nothing_changes(
    told: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_HEARTBEAT_S", 0.01)
    _, parts = watch(told)
    told_first = [next(parts) for _ in range(5)]

    assert b":\n\n" in told_first


def test_should_ask_only_while_somebody_watches(told: Live, counts: Backend) -> None:
    assert (pollers(), counts.asked) == ([], 0)
    first, parts = watch(told)
    second, _ = watch(told)
    next_event(parts)

    first.close()
    asked = counts.asked
    wait_until(lambda: counts.asked > asked + 2, "more questions")
    second.close()
    second.close()

    wait_until(lambda: not pollers(), "the end of the questions")
    counts.see("a.example")
    _, again = watch(told)
    assert views(next_event(again)) == {"a.example": 1}


def test_should_ask_a_slow_backend_less_often(told: Live, counts: Backend) -> None:
    counts.takes_s = 0.05
    told.subscribe()

    wait_until(lambda: len(counts.asked_at) == 2, "a second question")

    # One takes 0.05 s, and is a tenth of the time at most.
    first, second = counts.asked_at
    assert second - first >= 0.5


def test_should_have_room_for_so_many(
    told: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_MOST_SUBSCRIBERS", 3)
    watching = [told.subscribe() for _ in range(3)]

    with pytest.raises(SubscriptionError, match="too many subscribers; allowed: 3"):
        told.subscribe()
    watching[0].close()

    assert next(iter(told.subscribe())) == HELLO


def test_should_end_when_the_server_does(told: Live) -> None:
    _, parts = watch(told)
    next_event(parts)

    told.end()

    assert list(parts) in ([], [b":\n\n"])
    wait_until(lambda: not pollers(), "the end of the questions")
    with pytest.raises(SubscriptionError, match="stopping"):
        told.subscribe()


def test_should_begin_anew_in_a_process_that_is_forked(
    told: Live, counts: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts.see("a.example")
    before, parts = watch(told)
    next_event(parts)
    monkeypatch.setattr(os, "getpid", lambda: -1)

    _, parts = watch(told)
    # Memory is not for other processes; that somebody asks is all that matters.
    wait_until(lambda: len(pollers()) == 2, "a new one who asks")

    before.close()
    assert parts


class TestOverHttp:
    """The answer that does not end by itself."""

    @pytest.fixture(name="app")
    def fixture_app(
        self, counts: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> PageTracker:
        """A tracker where whoever waits is taken for a greenlet."""
        monkeypatch.setattr(events, "runs_on_greenlets", lambda: True)
        return create_app(backend=counts, rules=Rules(token=TOKEN))

    def test_should_have_headers_alone_for_head(
        self, app: PageTracker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "_MOST_SUBSCRIBERS", 1)
        client = owner_of(app)
        for _ in range(3):
            head = client.head("/api/events", status=200)

            assert head.headers["Content-Type"].startswith("text/event-stream")
            assert head.headers["Cache-Control"] == "no-store"
            assert "Content-Length" not in head.headers
        wait_until(lambda: not pollers(), "the end of the questions")

    def test_should_say_that_it_is_about_to_end(self, app: PageTracker) -> None:
        app.end_streams()

        answer = owner_of(app).get("/api/events", status=503)

        assert "the server is stopping" in answer.json["error"]

    def test_should_say_when_it_is_over_whether_it_was_read_or_not(self) -> None:
        over: list[str] = []
        environ = {"REQUEST_METHOD": "GET"}
        stream = Stream(iter([b"a", b"b"]), lambda: over.append("closed"))

        sent = Response(HTTPStatus.OK, stream).send(Request(environ), lambda *_: print)

        assert (list(sent), over) == ([b"a", b"b"], [])
        assert isinstance(sent, Stream)
        sent.close()
        assert over == ["closed"]

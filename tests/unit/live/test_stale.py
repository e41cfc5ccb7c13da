"""Tests of live updates while the backend fails or does not answer."""

import pytest

from page_tracker import BackendError
from page_tracker.web import live
from page_tracker.web.live import Live
from tests.servers import wait_until
from tests.unit.live.streams import Backend, next_event, views, watch


def test_should_say_at_once_that_a_reading_failed_and_that_the_next_succeeded(
    updates: Live, counts: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    _, parts = watch(updates)
    next_event(parts)
    counts.error = BackendError("cannot list")
    counts.error.__cause__ = ConnectionError("nobody at redis://user:password@host")

    assert next_event(parts, "stale") == {"reason": "cannot list"}
    before = counts.readings
    wait_until(lambda: counts.readings > before + 5, "more failures")
    counts.error = None

    assert next_event(parts, "alive") == {}
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("A request failed: cannot list: ")


def test_should_send_what_was_counted_during_an_outage(
    updates: Live, counts: Backend
) -> None:
    counts.record_view("a.example")
    _, parts = watch(updates)
    next_event(parts)
    counts.error = BackendError("cannot list")
    next_event(parts, "stale")
    counts.record_view("b.example")
    _, late = watch(updates)
    next_event(late, "stale")

    counts.error = None

    assert views(next_event(parts)) == {"b.example": 1}
    assert views(next_event(late)) == {"a.example": 1, "b.example": 1}


@pytest.mark.parametrize(
    "error, reason",
    [
        (BackendError("cannot list"), "cannot list"),
        (ValueError("password"), "something went wrong, see the log"),
    ],
)
def test_should_repeat_why_the_numbers_are_stale(
    updates: Live,
    counts: Backend,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    reason: str,
) -> None:
    monkeypatch.setattr(live, "_HEARTBEAT_S", 0.01)
    counts.error = error
    _, parts = watch(updates)

    assert [next_event(parts, "stale") for _ in range(3)] == [{"reason": reason}] * 3


def test_should_name_the_backend_errors_that_caused_a_failure(
    updates: Live, counts: Backend
) -> None:
    counts.error = BackendError("no answer within 2 s")
    counts.error.__cause__ = BackendError("nobody listens; start it")
    _, parts = watch(updates)

    assert next_event(parts, "stale") == {
        "reason": "no answer within 2 s: nobody listens; start it"
    }


def test_should_say_that_the_backend_does_not_answer(
    updates: Live, counts: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_PATIENCE_S", 0.05)
    _, parts = watch(updates)
    next_event(parts)
    counts.answers.clear()

    assert next_event(parts, "stale") == {
        "reason": "the storage has not answered for 0 s"
    }
    next_event(parts, "stale")
    _, late = watch(updates)
    next_event(late, "stale")
    counts.answers.set()

    assert next_event(parts, "alive") == {}
    assert views(next_event(late)) == {}

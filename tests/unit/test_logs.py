"""The logs of failed and refused requests."""

import logging

import pytest

from page_tracker.operations.logs import FailureLog, RefusalLog


class NoAnswer(Exception):
    """An expected error."""


class Clock:
    """A clock that the test sets."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(name="clock")
def fixture_clock() -> Clock:
    return Clock()


@pytest.fixture(name="failures")
def fixture_failures(clock: Clock) -> FailureLog:
    return FailureLog(logging.getLogger("failures"), clock)


def fail(failures: FailureLog, cause: Exception) -> None:
    """Record a failed request with this cause, as a backend reports it."""
    error = NoAnswer("no answer")
    error.__cause__ = cause
    failures.failed(error, expected=True)


def test_should_log_the_first_failure_with_its_cause(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    fail(failures, ConnectionError("refused"))

    assert caplog.messages == ["A request failed: no answer: ConnectionError: refused"]
    assert "Traceback" not in caplog.text


def test_should_say_that_a_check_failed_and_not_a_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    checks = FailureLog(logging.getLogger("checks"), what="check")

    fail(checks, ConnectionError("refused"))

    assert caplog.messages == ["A check failed: no answer: ConnectionError: refused"]


def test_should_log_each_advice_on_the_way_to_the_first_cause(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    advice = NoAnswer("nothing listens; start it")
    advice.__cause__ = ConnectionError("refused")

    fail(failures, advice)

    assert caplog.messages == [
        "A request failed: no answer: nothing listens; start it: "
        "ConnectionError: refused"
    ]


def test_should_log_the_traceback_of_an_unexpected_error(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise KeyError("forgotten")
    except KeyError as error:
        failures.failed(error, expected=False)

    assert "Traceback" in caplog.text and "KeyError: 'forgotten'" in caplog.text


def test_should_log_an_error_without_a_cause_in_one_line(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    failures.failed(NoAnswer("too many"), expected=True)

    assert caplog.messages == ["A request failed: too many"]
    assert "Traceback" not in caplog.text


def test_should_log_a_line_every_10_s_while_failures_last(
    failures: FailureLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for clock.seconds in range(26):
        fail(failures, ConnectionError("refused"))

    assert caplog.messages == [
        "A request failed: no answer: ConnectionError: refused",
        "11 requests failed so far: no answer: ConnectionError: refused",
        "21 requests failed so far: no answer: ConnectionError: refused",
    ]
    assert not any(record.exc_info for record in caplog.records[1:])


def test_should_log_each_new_cause(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    fail(failures, ConnectionError("refused"))
    fail(failures, ConnectionError("cut off"))
    fail(failures, TimeoutError("cut off"))
    fail(failures, ConnectionError("refused"))

    assert [message.partition("no answer: ")[2] for message in caplog.messages] == [
        "ConnectionError: refused",
        "ConnectionError: cut off",
        "TimeoutError: cut off",
    ]


def test_should_treat_failures_among_successes_as_one_outage(
    failures: FailureLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for clock.seconds in range(10):
        fail(failures, ConnectionError("refused"))
        failures.succeeded()

    assert len(caplog.records) == 1


def test_should_report_the_end_of_an_outage_and_start_over(
    failures: FailureLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fail(failures, ConnectionError("refused"))
    fail(failures, ConnectionError("refused"))
    clock.seconds = 10.0
    failures.succeeded()
    failures.succeeded()
    fail(failures, ConnectionError("refused"))

    assert caplog.messages == [
        "A request failed: no answer: ConnectionError: refused",
        "Requests succeed again; 2 failed before",
        "A request failed: no answer: ConnectionError: refused",
    ]


def test_should_log_nothing_without_failures(
    failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    failures.succeeded()

    assert not caplog.records


def test_should_log_refusals_in_a_line_every_10_s(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = RefusalLog(logging.getLogger("page_tracker"), clock)

    for clock.seconds in (0, 1, 9, 10, 11, 1000):
        refusals.refused(f"reason {clock.seconds}")

    assert caplog.messages == [
        "Not counted: reason 0 (1 refused so far)",
        "Not counted: reason 10 (4 refused so far)",
        "Not counted: reason 1000 (6 refused so far)",
    ]

"""An import adds its referrers once: with lost replies, and when it is killed."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from page_tracker import CounterBackend, Page, View
from page_tracker.backends import referrer_parts
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.staging import Run
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.steps import Steps
from tests.contract_owner import LONG_AGO, TODAY
from tests.contract_referrers_transfer import import_of
from tests.proxy import Proxy
from tests.servers import RedisServer

NAMES = ("a", "b", "c", "d")


class Killed(BaseException):
    """Ends an import at once, like the end of its process."""


@pytest.fixture(name="short_parts", autouse=True)
def fixture_short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that add one referrer in each step."""
    monkeypatch.setattr(referrer_parts, "_MOST_NAMES", 1)


def run_import(backend: CounterBackend, page: Page, replace: bool = False) -> set[str]:
    """Import referrers, and return the names of the sites that have changed."""
    sites = import_of(page, {name: {None: 9, TODAY: 2, LONG_AGO: 3} for name in NAMES})
    return backend.import_counts(sites, replace=replace, today=TODAY)


def view_from_a(backend: CounterBackend, page: Page) -> None:
    """Record a view that a referrer of the import has brought."""
    backend.record(View(page, TODAY, referrer="a.example"))


def assert_imported(backend: CounterBackend, page: Page, views_from_a: int) -> None:
    """Fail unless the referrers are imported once, beside these views of today."""
    for days, views in ((None, 9), ([TODAY], 2), ([LONG_AGO], 3)):
        expected = {f"{name}.example": views for name in NAMES}
        if days != [LONG_AGO]:
            expected["a.example"] += views_from_a
        assert backend.referrers(page.site, days) == expected


@pytest.mark.parametrize("times", [1, 3])
def test_should_add_referrers_once_when_replies_are_lost(
    proxy: Proxy, own_redis: RedisServer, page: Page, times: int
) -> None:
    direct, backend = RedisBackend(own_redis.url), RedisBackend(proxy.url)
    view_from_a(direct, page)
    proxy.lose_replies(times, to=b":referrers", cut=True)

    assert run_import(backend, page) == {page.site}

    assert proxy.waiting_faults == 0
    assert_imported(direct, page, 1)


def test_should_not_add_referrers_when_a_copy_of_a_step_arrives_late(
    proxy: Proxy, own_redis: RedisServer, page: Page
) -> None:
    direct, backend = RedisBackend(own_redis.url), RedisBackend(proxy.url)
    held = proxy.hold_back(2, to=b":referrers")

    run_import(backend, page)
    view_from_a(direct, page)
    held.release()

    assert held.commands
    assert_imported(direct, page, 1)


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("replace", [False, True])
def test_should_go_on_in_redis_wherever_the_import_was_killed(
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    replace: bool,
    is_done: bool,
) -> None:
    do, kills = Run.do, 0
    backend = RedisBackend(own_redis.url)
    view_from_a(backend, page)

    monkeypatch.setattr(Run, "do", dying(do, 1, is_done))
    while is_killed(backend, page, replace):
        monkeypatch.setattr(Run, "do", do)
        run_import(backend, page, replace)
        assert_imported(backend, page, 0 if replace else 1)
        kills += 1
        backend.delete_site(page.site, TODAY)
        view_from_a(backend, page)
        monkeypatch.setattr(Run, "do", dying(do, kills + 1, is_done))

    assert kills > len(NAMES)


@pytest.mark.parametrize("replace", [False, True])
def test_should_go_on_in_a_file_wherever_the_import_was_killed(
    tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    take, kills = Steps.take, 0
    backend = SqliteBackend(tmp_path / "counts.db")
    view_from_a(backend, page)

    monkeypatch.setattr(Steps, "take", dying(take, 1))
    while is_killed(backend, page, replace):
        monkeypatch.setattr(Steps, "take", take)
        run_import(backend, page, replace)
        assert_imported(backend, page, 0 if replace else 1)
        kills += 1
        backend = SqliteBackend(tmp_path / f"counts-{kills}.db")
        view_from_a(backend, page)
        monkeypatch.setattr(Steps, "take", dying(take, kills + 1))

    assert kills > len(NAMES)


def dying(method: Any, last: int, is_done: bool = True) -> Callable[[Any, Any], Any]:
    """Return a method that ends the import at one of its calls, before or after it."""
    numbers = count(1)

    def call(instance: Any, argument: Any) -> Any:
        is_last = next(numbers) == last
        result = method(instance, argument) if is_done or not is_last else None
        if is_last:
            raise Killed
        return result

    return call


def is_killed(backend: CounterBackend, page: Page, replace: bool) -> bool:
    """Import referrers, and return whether the import was killed."""
    try:
        run_import(backend, page, replace)
    except Killed:
        return True
    return False

"""Moving all counts from one backend to another."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from page_tracker import CounterBackend, MemoryBackend, Rules, open_backend
from tests.conftest import StartRedis
from tests.contract_owner import add_counts
from tests.integration.test_command_line import run
from tests.sample import sample

TODAY = Rules().today()
DAYS = 40
COUNTS = list(sample(60, 3, days=DAYS, today=TODAY))
KINDS = ["memory", "redis", "sqlite"]

OpenEmpty = Callable[[str], CounterBackend]


@pytest.fixture(name="new_url")
def fixture_new_url(tmp_path: Path, start_redis: StartRedis) -> Callable[[str], str]:
    """Return a function that returns the URL of an empty backend of a kind."""

    def new_url(kind: str) -> str:
        if kind == "redis":
            return start_redis().url
        return f"sqlite:{tmp_path}/{uuid4()}.db"

    return new_url


@pytest.fixture(name="open_empty")
def fixture_open_empty(new_url: Callable[[str], str]) -> OpenEmpty:
    """Return a function that opens an empty backend of a kind."""
    return lambda kind: (
        MemoryBackend() if kind == "memory" else open_backend(new_url(kind))
    )


def everything(backend: CounterBackend) -> list[object]:
    """Return all totals, days and counts."""
    sites = backend.sites(TODAY)
    days = sorted({count.day for count in COUNTS if count.day})
    return [
        sites,
        [backend.history(total.site, days) for total in sites],
        [backend.pages(total.site, limit=100) for total in sites],
        {count for total in sites for count in backend.counts(total.site, TODAY)},
    ]


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_should_keep_all_counts_totals_and_days(
    open_empty: OpenEmpty, source: str, target: str
) -> None:
    old, new = open_empty(source), open_empty(target)
    add_counts(old, COUNTS)

    for site in [total.site for total in old.sites(TODAY)]:
        add_counts(new, old.counts(site, TODAY))

    assert everything(new) == everything(old)
    assert everything(new)[-1] == set(COUNTS)


def test_should_keep_all_counts_from_a_file_to_redis_and_back(
    new_url: Callable[[str], str], tmp_path: Path
) -> None:
    file, redis, again = (new_url(kind) for kind in ("sqlite", "redis", "sqlite"))
    backend = open_backend(file)
    add_counts(backend, COUNTS)
    copies = [str(tmp_path / "1.json"), str(tmp_path / "2.json")]

    Path(copies[0]).write_text(run(file, "export", "--format", "json"), "utf-8")
    run(redis, "import", copies[0])
    Path(copies[1]).write_text(run(redis, "export", "--format", "json"), "utf-8")
    run(again, "import", copies[1])

    assert everything(open_backend(again)) == everything(backend)

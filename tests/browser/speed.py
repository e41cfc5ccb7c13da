"""How fast the dashboard is with many counts: python -m tests.browser.speed"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from page_tracker import open_backend
from tests.browser.owner import TOKEN, Owner
from tests.browser.reader import Reader
from tests.contract_owner import site_imports
from tests.sample import sample
from tests.servers import PAGE_TRACKER, RedisServer, TrackerServer, redis_servers

_DAYS = 400
_SPANS = ("today", "yesterday", "7", "30", "90", "365", "month", "year", "all")
_FIRST_PAINT = (
    "performance.getEntriesByName('first-contentful-paint')[0].startTime.toFixed()"
)
# From the choice until the numbers are painted.
_CHANGE = """new Promise(done => {{
  const begun = performance.now(), menu = document.querySelector("#span");
  const look = () => document.querySelector("[aria-busy]")
    ? requestAnimationFrame(look)
    : requestAnimationFrame(() => done((performance.now() - begun).toFixed()));
  addEventListener("hashchange", look, {{once: true}});
  menu.value = "{}";
  menu.dispatchEvent(new Event("change"));
}})"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the first paint and the time of each change of span, in milliseconds."""
    parser = argparse.ArgumentParser(
        "python -m tests.browser.speed", description=__doc__
    )
    parser.add_argument(
        "--pages", type=int, default=10_000, help="of three sites together (10000)"
    )
    pages = parser.parse_args(arguments).pages
    with TemporaryDirectory() as place, ExitStack() as stack:
        reader = Reader(Path(place) / "profile")
        stack.callback(reader.quit)
        for name, url in _storages(Path(place), stack):
            _fill(url, pages)
            with _tracker(url, Path(place) / f"{name}.log") as address:
                _measure(name, Owner(reader, address))


def _storages(place: Path, stack: ExitStack) -> Iterator[tuple[str, str]]:
    yield "sqlite", f"sqlite:{place}/counts.db"
    redis = RedisServer(list(redis_servers().values())[0], place)
    redis.start()
    stack.callback(redis.kill)
    yield "redis", redis.url


def _fill(url: str, pages: int) -> None:
    backend = open_backend(url, deadline_s=60)
    today = datetime.now(UTC).date()
    counts = sample(pages, 3, days=_DAYS, today=today)
    backend.import_counts(site_imports(counts, "sample"), replace=False, today=today)


@contextmanager
def _tracker(url: str, log: Path) -> Iterator[str]:
    tracker = TrackerServer(
        [*PAGE_TRACKER, "--port", "0"],
        log,
        {"REDIS_URL": url, "PAGE_TRACKER_TOKEN": TOKEN},
    )
    try:
        yield tracker.address()
    finally:
        tracker.stop()


def _measure(name: str, owner: Owner) -> None:
    paints = []
    for _ in range(5):
        owner.open("site=example.com")
        paints.append(owner.reader.value(_FIRST_PAINT))
    print(f"{name}: first paint after {', '.join(map(str, paints))} ms")
    for span in (*_SPANS, *_SPANS):
        took = owner.reader.value(_CHANGE.format(span))
        print(f"{name}: change to {span} took {took} ms", flush=True)


if __name__ == "__main__":
    main()

"""Screenshots for the documentation: python -m tests.browser.screenshots DIR"""

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis

from page_tracker import CounterBackend, Ignored, open_backend
from page_tracker.backends.redis.keys import key_of
from tests.browser.owner import TOKEN, Owner
from tests.browser.reader import Reader
from tests.contract_owner import site_imports
from tests.sample import sample
from tests.servers import PAGE_TRACKER, RedisServer, TrackerServer, redis_servers

_SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
_DAYS = 400
# Per hundred views.
_VISITORS, _CRAWLERS, _REPEATS = 38, 21, 6
_REFERRERS = {
    "google.com": 23,
    "news.ycombinator.com": 9,
    "duckduckgo.com": 7,
    "mastodon.social": 4,
    "xn--bcher-kva.example": 3,
    "github.com": 2,
    "lobste.rs": 1,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Take screenshots on two screens, in light and dark mode."""
    parser = argparse.ArgumentParser(
        "python -m tests.browser.screenshots", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="the directory for the PNG files")
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        redis = RedisServer(list(redis_servers().values())[0], Path(place))
        redis.start()
        try:
            _fill(redis.url)
            _take(redis.url, Path(place), folder)
        finally:
            redis.kill()


def _fill(url: str) -> None:
    backend = open_backend(url, deadline_s=60)
    today = datetime.now(UTC).date()
    counts = sample(300, 3, days=_DAYS, today=today)
    backend.import_counts(site_imports(counts, "sample"), replace=False, today=today)
    with Redis.from_url(url) as client:
        for total in backend.sites(today):
            _add_visitors(client, backend, total.site, today)


def _add_visitors(
    client: Redis, backend: CounterBackend, site: str, today: date
) -> None:
    """Add visitors, referrers and ignored views to each day, as its views require."""
    days = [today - timedelta(days=ago) for ago in range(_DAYS)]
    with client.pipeline(transaction=False) as pipeline:
        for had in backend.history(site, days):
            hundreds = had.views / 100
            visitors = [f"{number}" for number in range(int(_VISITORS * hundreds))]
            if visitors:
                pipeline.pfadd(key_of(site, f"visitors:{had.day}"), *visitors)
            ignored: dict[Any, Any] = {
                Ignored.CRAWLER.value: int(_CRAWLERS * hundreds),
                Ignored.REPEAT.value: int(_REPEATS * hundreds),
            }
            pipeline.hset(key_of(site, f"ignored:{had.day}"), mapping=ignored)
            for referrer, share in _REFERRERS.items():
                for key in ("referrers", f"referrers:{had.day}"):
                    pipeline.zincrby(key_of(site, key), int(share * hundreds), referrer)
        pipeline.execute()


def _take(url: str, place: Path, folder: Path) -> None:
    variables = {"REDIS_URL": url, "PAGE_TRACKER_TOKEN": TOKEN}
    tracker = TrackerServer([*PAGE_TRACKER, "--port", "0"], place / "log", variables)
    reader = Reader(place / "profile")
    try:
        owner = Owner(reader, tracker.address())
        for screen, (width, height) in _SCREENS.items():
            for theme in ("light", "dark"):
                reader.emulate_screen(width, height, dark=theme == "dark")
                owner.open("site=example.com")
                reader.wait_for("Live", "#status")
                reader.screenshot(folder / f"dashboard-{screen}-{theme}.png")
    finally:
        reader.quit()
        tracker.stop()


if __name__ == "__main__":
    main()

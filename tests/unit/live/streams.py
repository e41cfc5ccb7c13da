"""Helpers for tests of live updates: a backend that can fail, and streams."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from page_tracker import MemoryBackend, Page, Rules, SiteTotal, View
from page_tracker.web.live import Live
from page_tracker.web.response import Stream

DAY = date(2026, 11, 25)
RETRY = b"retry: 1000\n\n"
ALIVE = b"event: alive\ndata: {}\n\n"


class Calendar(Rules):
    """Rules with a day that tests set."""

    days = [DAY]

    def today(self) -> date:
        """Return the last of the days."""
        return self.days[-1]


class Backend(MemoryBackend):
    """A backend that records when it is read, and can be slow, hang or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.read_at: list[float] = []
        self.delay_s = 0.0
        self.error: Exception | None = None
        self.answers = threading.Event()
        self.answers.set()

    def sites(self, today: date, only: str | None = None) -> list[SiteTotal]:
        """Return the sites, or fail."""
        self.read_at.append(time.monotonic())
        time.sleep(self.delay_s)
        self.answers.wait()
        if self.error:
            raise self.error
        return super().sites(today, only)

    @property
    def readings(self) -> int:
        """The number of readings."""
        return len(self.read_at)

    def record_view(self, site: str, *, day: date = DAY) -> None:
        """Record a view of a site."""
        self.record(View(Page(site, "/"), day))


def readers() -> list[threading.Thread]:
    """Return the threads that read the backend."""
    return [thread for thread in threading.enumerate() if thread.name == "live"]


def next_event(parts: Iterator[bytes], name: str = "sites") -> dict[str, Any]:
    """Return the data of the next event, which must have this name.

    Unless its name is alive, such events may come before it.
    """
    part = next(part for part in parts if name == "alive" or part != ALIVE)
    first, data, *end = part.decode().split("\n")
    assert (first, end) == (f"event: {name}", ["", ""])
    content: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return content


def views(event: dict[str, Any]) -> dict[str, int]:
    """Return the views of each site that an event names."""
    return {site["site"]: site["views"] for site in event["sites"]}


def watch(updates: Live) -> tuple[Stream, Iterator[bytes]]:
    """Subscribe. Return the stream, and its parts after the first."""
    stream = updates.subscribe()
    parts = iter(stream)
    assert next(parts) == RETRY
    return stream, parts

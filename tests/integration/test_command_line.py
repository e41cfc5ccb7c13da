"""The commands as processes that export, import and change counts."""

import fcntl
import io
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import psutil
import pytest

from page_tracker import CounterBackend, Page, Rules, View, open_backend
from page_tracker.changes.making import FROM_EXPORT
from page_tracker.reports.period import Period
from page_tracker.transfer.formats.own_json import entry_of_count, write_json
from tests import processes
from tests.conftest import StartTracker
from tests.counting import Load
from tests.sample import sample
from tests.servers import PAGE_TRACKER, RedisServer, wait_until

COMMAND = PAGE_TRACKER[:3]
INSTALLED = Path(sys.executable).with_name("page-tracker")
BLOG = Page("example.com", "/blog")


@pytest.fixture(name="url", params=["redis", "sqlite"])
def fixture_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty backend."""
    if request.param == "redis":
        redis: RedisServer = request.getfixturevalue("own_redis")
        return redis.url
    return f"sqlite:{tmp_path}/counts.db"


def start(url: str, *arguments: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Start a command. Its input and its outputs are pipes."""
    return processes.running(
        [*COMMAND, *arguments],
        env=os.environ | {"PAGE_TRACKER_BACKEND": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(url: str, *arguments: str, piped: bytes = b"") -> str:
    """Run a command that succeeds, and return its output."""
    with start(url, *arguments) as process:
        out, err = process.communicate(piped, timeout=60)
    assert (process.returncode, err) == (0, b"")
    return out.decode()


def csv_of(page: Page, views: int) -> bytes:
    """Return a CSV file with one page."""
    return f"page,views\n{page},{views}\n".encode()


@contextmanager
def counting(backend: CounterBackend, page: Page) -> Iterator[list[int]]:
    """Count views of a page until the block ends, and collect their numbers."""
    stopped, numbers = Event(), list[int]()

    def count() -> None:
        while not stopped.is_set():
            numbers.append(backend.record(View(page, Rules().today())).page_views)

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(count)
        try:
            yield numbers
        finally:
            stopped.set()
    done.result()


def test_should_restore_everything(url: str) -> None:
    today = Rules().today()
    file = io.StringIO()
    write_json(file, map(entry_of_count, sample(100, 3, days=40, today=today)), None)
    run(url, "import", "-", piped=file.getvalue().encode())
    backend = open_backend(url)
    before, sites = run(url, "export", "--format", "json"), backend.sites(today)
    for total in sites:
        backend.delete_site(total.site, today)
    assert not backend.sites(today)

    run(url, "import", "-", piped=before.encode())

    assert backend.sites(today) == sites
    assert run(url, "export", "--format", "json") == before
    lines = [line for line in before.splitlines() if '"first_day"' not in line]
    assert sorted(line.removesuffix(",") for line in lines) == sorted(
        line.removesuffix(",") for line in file.getvalue().splitlines()
    )


def test_should_lose_no_view_during_an_import(url: str) -> None:
    backend = open_backend(url)

    with counting(backend, BLOG) as numbers:
        for views in (1000, 2000, 3000):
            run(url, "import", "--add", "-", piped=csv_of(BLOG, views))

    tally = backend.tally(BLOG, Rules().today())
    assert tally.page_views == tally.site_views == len(numbers) + 6000
    assert len(set(numbers)) == len(numbers)
    assert numbers[-1] == len(numbers) + 6000


def test_should_add_the_same_counts_once_in_two_imports_at_the_same_time(
    url: str,
) -> None:
    content = csv_of(BLOG, 500)

    def import_() -> bytes:
        with start(url, "import", "-") as process:
            out, err = process.communicate(content, timeout=60)
        # One of them may end the other.
        assert process.returncode in (0, 1)
        return out + err

    with ThreadPoolExecutor(2) as threads:
        outputs = list(threads.map(lambda _: import_(), range(2)))

    assert any(text.endswith(b"Imported.\n") for text in outputs)
    assert run(url, "show", str(BLOG)) == "example.com/blog\t500\t500\t0\n"


def test_should_set_and_delete_views(url: str) -> None:
    open_backend(url).record(View(BLOG, Rules().today()))

    assert run(url, "set", str(BLOG), "42") == (
        "example.com/blog has 42 views; it had 1.\n"
        "To undo it: page-tracker subtract example.com/blog 41\n"
    )
    assert run(url, "top") == "example.com\t42\t1\t1\t0\n"
    assert run(url, "delete", "example.com", "--yes") == (
        f"Deleted example.com, which had 42 views.\nTo undo it: {FROM_EXPORT}\n"
    )
    assert run(url, "top") == ""


@pytest.mark.parametrize(
    ("encoding", "name", "drawn"),
    [("utf-8", "bücher.example/", "█"), ("ascii", "xn--bcher-kva.example/", "#")],
)
def test_should_show_the_days_of_a_page_in_any_encoding(
    url: str, monkeypatch: pytest.MonkeyPatch, encoding: str, name: str, drawn: str
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    monkeypatch.delenv("COLUMNS", raising=False)
    page, today = Page("xn--bcher-kva.example", "/"), Rules().today()
    backend = open_backend(url)
    for day in (today - timedelta(days=1), today, today):
        backend.record(View(page, day))
    other = View(Page(page.site, "/other"), today)
    backend.record(other)

    lines = run(url, "show", "xn--bcher-kva.example/", "--days", "2").splitlines()

    assert lines == [
        name,
        "All time: 3 views, 75.0 % of the site's views",
        "Last 2 days: 3 views, 75.0 % of the site's views",
        f"Best day: {today}, with 2 views",
        "",
        f"{today - timedelta(days=1)}        1  {drawn * 29}",
        f"{today} today  2  {drawn * 58}",
    ]
    assert run(url, "top", page.site, "--days", "2") == f"{page}\t3\n{other.page}\t1\n"


def test_should_report_on_a_month_of_a_large_site(url: str) -> None:
    today = Rules().today()
    month = Period.last("month", today)
    counts = sample(300, 1, days=100, today=today)
    with io.StringIO() as file:
        write_json(file, map(entry_of_count, counts), None)
        run(url, "import", "-", piped=file.getvalue().encode())
    history = open_backend(url).history(BLOG.site, month.span.days)
    views = sum(had.views for had in history)

    report = run(url, "report", BLOG.site, "--last", "month").splitlines()
    page = run(url, "report", "--last", "month", "--format", "html")

    assert report[0] == f"{month.span.first:%B %Y}"
    assert report[5].startswith(f"{views:,} views, ")
    assert page.isascii()
    assert f">{views:,} views, " in page
    assert page.count('scope="col"') == 2 + 3


def test_should_read_and_change_counts_while_a_server_counts(
    start_tracker: StartTracker, url: str
) -> None:
    tracker = start_tracker("--backend", url)
    with Load(tracker.address(), clients=4) as load:
        load.wait_for_views()
        assert run(url, "set", str(BLOG), "42") == (
            "example.com/blog has 42 views; it had 0.\n"
            "To undo it: page-tracker subtract example.com/blog 42\n"
        )
        shown = [run(url, "show", "/") for _ in range(3)]
        assert "example.com\t42\t1\t0\t0\n" in run(url, "top")
        run(url, "import", "--add", "-", piped=csv_of(BLOG, 8))
        load.wait_for_views()

    seen = [int(text.split("\t")[1]) for text in shown]
    assert 100 <= seen[0] <= seen[1] <= seen[2] <= len(load.numbers)
    assert not load.failures
    views = len(load.numbers)
    assert run(url, "top") == f"/\t{views}\t1\t{views}\t1\nexample.com\t50\t1\t0\t0\n"


def waits_for_input(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the process has read all its input, and waits for more."""
    assert process.stdin
    unread = fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4))
    waits = psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING
    return waits and not any(unread)


def test_should_import_nothing_and_say_so_in_one_line_when_interrupted(
    url: str,
) -> None:
    run(url, "set", str(BLOG), "1")
    before = run(url, "top")

    with start(url, "import", "-") as process:
        assert process.stdin and process.stderr
        # More than a pipe holds. When all of it is written, the command is reading it.
        process.stdin.write(csv_of(BLOG, 1) + b"example.com/a,1\n" * 100_000)
        process.stdin.flush()
        # Python misses a signal that arrives just before it waits for input.
        wait_until(lambda: waits_for_input(process), "the command to wait")
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=60) == 130
        assert process.stderr.read().strip() == b"page-tracker: interrupted"

    assert run(url, "top") == before


@pytest.mark.parametrize("ending", ["", "-wal"])
def test_should_not_export_over_the_counts_themselves(
    tmp_path: Path, ending: str
) -> None:
    url = f"sqlite:{tmp_path}/counts.db"
    run(url, "set", str(BLOG), "1")

    with start(url, "export", f"{tmp_path}/counts.db{ending}") as process:
        _, error = process.communicate(timeout=60)

    assert process.returncode == 1
    assert error.endswith(b"contains the counts; allowed: another file\n")
    assert run(url, "top", BLOG.site) == f"{BLOG}\t1\n"


def test_should_create_no_file_for_an_import_that_is_refused(tmp_path: Path) -> None:
    with start(f"sqlite:{tmp_path}/counts.db", "import", "-") as process:
        process.communicate(b"wrong\n", timeout=60)

    assert process.returncode == 2
    assert not list(tmp_path.iterdir())


def test_should_exit_silently_when_its_output_is_closed(url: str) -> None:
    counts = b"page,views\n" + b"".join(
        b"example.com/page/%d,1\n" % number for number in range(20_000)
    )
    run(url, "import", "-", piped=counts)

    with start(url, "export") as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"page,views\n"
        process.stdout.close()

        assert process.wait(timeout=60) == 1
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("page-tracker ", {"serve", "top", "import", "doctor"}),
        ("page-tracker ex", {"export"}),
        ("page-tracker --", {"--help", "--version"}),
        ("page-tracker serve --w", {"--workers"}),
        ("page-tracker --host localhost --por", {"--port"}),
        ("page-tracker export --format ", {"csv", "json"}),
    ],
)
def test_should_complete_words(words: str, completed: set[str]) -> None:
    # The user is typing the last word.
    place = str(len(words.split(" ")) - 1)
    completion = {"_PAGE_TRACKER_COMPLETE": "bash_complete", "COMP_CWORD": place}

    output = subprocess.run(
        [INSTALLED],
        env=os.environ | completion | {"COMP_WORDS": words},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout

    assert completed <= {line.partition(",")[2] for line in output.splitlines()}

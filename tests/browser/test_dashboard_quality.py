"""The dashboard is for everybody: quick, steady, and no matter with what one looks."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.owner import SITE, Owner

pytestmark = pytest.mark.timeout(120)

AXE = Path(__file__).with_name("node_modules") / "axe-core/axe.min.js"
"""What looks for faults in a page."""

DESK, PHONE = (1280, 900), (390, 844)
SCREENS = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])

NOTE_SHIFTS = """
window.shifts = 0;
new PerformanceObserver(list => {
  for (const shift of list.getEntries())
    if (!shift.hadRecentInput) shifts += shift.value;
}).observe({type: "layout-shift", buffered: true});
"""


@SCREENS
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_should_be_accessible(
    owner: Owner, screen: tuple[int, int], dark: bool
) -> None:
    owner.reader.sit_at(*screen, dark=dark)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    owner.open(f"site={SITE}&day={yesterday}")
    owner.reader.click("#as-table summary")
    assert AXE.exists(), "install it: npm ci --prefix tests/browser"
    owner.reader.run(AXE.read_text("utf-8"))

    found = owner.reader.value("axe.run().then(found => found.violations)")

    assert isinstance(found, list)
    assert [summary(violation) for violation in found] == []


def summary(violation: Mapping[str, object]) -> str:
    """Say in brief what axe has found, and where."""
    nodes = violation["nodes"]
    assert isinstance(nodes, list)
    return f"{violation['id']} ({violation['impact']}): {nodes[0]['html']}"


@SCREENS
def test_should_be_there_at_once_and_then_stay_in_place(
    owner: Owner, screen: tuple[int, int]
) -> None:
    owner.reader.sit_at(*screen)
    owner.open()
    owner.reader.wait_for("Live", "#status")
    owner.reader.run(NOTE_SHIFTS)
    owner.reader.value("new Promise(done => setTimeout(done, 300))")

    shifts = owner.reader.value("shifts")
    # A machine that is busy with other things is slow once, but not each time.
    paints = [first_paint(owner) for _ in range(5)]
    print(f"first contentful paint after {paints} ms, layout shift {shifts}")
    assert isinstance(shifts, int | float) and shifts < 0.01
    assert min(paints) < 1000


def first_paint(owner: Owner) -> float:
    """Open the dashboard anew, and return when something was seen, in milliseconds."""
    owner.open()
    milliseconds = owner.reader.value(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert isinstance(milliseconds, int | float)
    return milliseconds


@SCREENS
def test_should_fit_the_screen(owner: Owner, screen: tuple[int, int]) -> None:
    owner.reader.sit_at(*screen)
    owner.open(f"site={SITE}&days=365")

    assert owner.reader.value("[innerWidth, document.body.scrollWidth]") == [
        screen[0],
        owner.reader.value("document.documentElement.clientWidth"),
    ]


def test_should_keep_still_for_who_likes_it_still(owner: Owner) -> None:
    moves = "getComputedStyle(document.querySelector('.bar')).transitionDuration"
    owner.open()
    assert owner.reader.value(moves) != "0s"

    owner.reader.sit_at(*DESK, still=True)

    assert owner.reader.value(moves) == "0s"


def test_should_have_nothing_to_complain_of(owner: Owner) -> None:
    owner.open()
    owner.reader.click("#periods a:last-child")
    owner.point_at(days_ago=1, days=365)
    owner.reader.click_there()
    owner.reader.click("#as-table summary")
    owner.wait_for_pages()

    assert owner.reader.errors() == []
    assert owner.reader.complaints() == []


def test_should_let_the_keyboard_skip_the_sites(owner: Owner) -> None:
    owner.open()

    owner.reader.press(Keys.TAB, Keys.ENTER)

    assert owner.reader.value("document.activeElement.id") == "main"
    assert owner.reader.value("location.hash") == f"#site={SITE}"


def test_should_load_what_is_small_and_the_tracker_s_own(owner: Owner) -> None:
    owner.open()

    place = owner.url.removeprefix("http://")
    loaded = owner.reader.asked("")
    assert len(loaded) > 10
    assert [url for url in loaded if place not in url] == []
    folder = files("page_tracker") / "web/static/dashboard"
    size = sum(len(file.read_bytes()) for file in folder.iterdir())
    print(f"{size} bytes")
    assert size < 60_000

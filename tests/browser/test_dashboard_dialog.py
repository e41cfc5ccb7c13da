"""The dialog of the dashboard is accessible and stable on every screen."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.browser.dialog import Dialog, add, forget
from tests.browser.owner import LONG_PATH, Owner, new_site
from tests.browser.test_dashboard_quality import (
    AXE,
    DESK,
    record_shifts,
    summary,
)

TODAY = datetime.now(UTC).date()
Steps = Callable[[], Iterator[str]]

SMALL = (320, 640)
SCREENS = pytest.mark.parametrize("screen", [DESK, SMALL], ids=["desk", "small"])
ARABIC = "/\u0645\u0631\u062d\u0628\u0627"


FITS = """dialog => {
  const box = dialog.getBoundingClientRect();
  const isInside = box.left >= 0 && box.right <= innerWidth;
  return isInside && dialog.scrollWidth <= dialog.clientWidth;
}"""


@pytest.fixture(name="steps")
def fixture_steps(owner: Owner, tmp_path: Path) -> Iterator[Steps]:
    """Open a site with long names, and return what goes through the steps."""
    site = new_site()
    file = tmp_path / f"{'long' * 40}.csv"
    file.write_text(f"page,views\n{site}/a,4000000000000\n,7\n", "utf-8")
    add(owner, f"{site}{LONG_PATH[:1900]}", 4_000_000_000_000, TODAY)
    add(owner, f"{site}{ARABIC}", 2, TODAY)
    dialog = Dialog(owner)
    owner.open(f"site={site}&page={LONG_PATH[:1900]}&span=today")
    # The first numbers may be a second old, and lack the site, which moves much.
    owner.reader.wait_for_value(False, "document.querySelector('#site').hidden")

    def steps() -> Iterator[str]:
        for change, title in (
            ("rename", "Rename"),
            ("delete", "Delete it?"),
            ("set", "Set the number of views"),
        ):
            dialog.correct(change, title)
            yield title
            dialog.press("Cancel")
        dialog.correct("subtract", "Take out views")
        yield "Take out views"
        dialog.fill("Views", "1000000000000")
        dialog.press("Continue", "Take these views out?")
        yield "Take these views out?"
        dialog.press("Take them out", "The views are taken out")
        yield "The views are taken out"
        dialog.press("Close")
        dialog.correct("merge", "Merge into another page")
        dialog.fill("Merge into", ARABIC)
        dialog.press("Continue", "Merge both?")
        yield "Merge both?"
        dialog.press("Merge", "Merged")
        yield "Merged"
        dialog.press("Close")
        owner.reader.click("#open-export")
        dialog.wait_for("Export")
        yield "Export"
        dialog.press("Close")
        owner.reader.click("#open-import")
        dialog.wait_for("Import")
        owner.reader.click("dialog summary")
        yield "Import"
        owner.reader.choose_file("#import-file", file)
        dialog.fill("If the sites", "add")
        dialog.press("Check the file", "Import these views?")
        yield "Import these views?"

    yield steps
    forget(owner, site)


@SCREENS
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_should_be_accessible(
    owner: Owner,
    steps: Steps,
    screen: tuple[int, int],
    dark: bool,
) -> None:
    owner.reader.emulate_screen(*screen, dark=dark)

    found = []
    for title in steps():
        owner.reader.run(AXE.read_text("utf-8"))
        violations = owner.reader.value("axe.run().then(found => found.violations)")
        assert isinstance(violations, list)
        found += [f"{title}: {summary(violation)}" for violation in violations]

    assert found == []


@SCREENS
def test_should_fit_the_screen_and_not_move(
    owner: Owner, steps: Steps, screen: tuple[int, int]
) -> None:
    owner.reader.emulate_screen(*screen)
    record_shifts(owner, since_start=False)

    for title in steps():
        # A correction changes what is shown, so the shifts until then count.
        if title == "Take out views":
            shifts = owner.reader.value("shifts")
            assert isinstance(shifts, int | float) and shifts < 0.01
        assert owner.reader.value(f"({FITS})(document.querySelector('dialog'))"), title

    assert owner.reader.value("document.body.scrollWidth <= innerWidth")
    assert owner.reader.errors() == []

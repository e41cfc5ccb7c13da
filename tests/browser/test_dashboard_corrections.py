"""The owner corrects sites and pages in the dashboard."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.dialog import Dialog, add, forget, make_change, views_of
from tests.browser.owner import DECEIVING, Owner, new_site

TODAY = datetime.now(UTC).date()
FLOOD_DAY = TODAY - timedelta(days=3)
OF_DAY = f"{FLOOD_DAY:%b} {FLOOD_DAY.day}, {FLOOD_DAY.year}"
FOCUSED = "document.activeElement.textContent"

LOSE_ONE_ANSWER = """
const real = fetch;
window.fetch = async (url, options) => {
  const answer = await real(url, options);
  if (options.method !== "POST") return answer;
  window.fetch = real;
  throw new TypeError("the connection is lost");
};
"""

HOLD_HISTORIES = """
window.real = fetch;
window.fetch = async (url, options) => {
  if (!`${url}`.includes("/history")) return real(url, options);
  await new Promise(go => { window.release = go; });
  const answer = await real(url, options);
  window.arrived = answer.clone().text();
  return answer;
};
"""
HAS_ARRIVED = (
    "window.arrived?.then(() => new Promise(requestAnimationFrame)).then(Boolean)"
)


@pytest.fixture(name="dialog")
def fixture_dialog(owner: Owner) -> Dialog:
    """The dialog of the owner."""
    return Dialog(owner)


@pytest.fixture(name="site")
def fixture_site(owner: Owner) -> Iterator[str]:
    """A site with 7 views of /x today, 20 000 on the day of the flood, and 1 of /y."""
    site = new_site()
    add(owner, f"{site}/x", 7, TODAY)
    add(owner, f"{site}/x", 20_000, FLOOD_DAY)
    add(owner, f"{site}/y", 1, TODAY)
    yield site
    forget(owner, site)


def test_should_take_out_a_flood_of_the_chosen_day(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x&span={FLOOD_DAY}")

    dialog.correct("subtract", "Take out views")
    assert dialog.values() == [FLOOD_DAY.isoformat(), "20000"]
    dialog.press("Continue", "Take these views out?")
    assert dialog.facts() == {
        "Page": f"{site}/x",
        "Day": OF_DAY,
        "Views to take out": "20,000",
        "Views now": "20,007",
        "Views then": "7",
        "On this day": "20,000, then 0",
    }
    dialog.press("Take them out", "The views are taken out")

    assert dialog.table() == [
        ["Of the page", "20,007", "7"],
        ["Of the site", "20,008", "8"],
        [f"Of the page on {OF_DAY}", "20,000", "0"],
        [f"Of the site on {OF_DAY}", "20,000", "0"],
    ]
    owner.wait_for_tiles(Views="0")
    dialog.press("Undo", "The change is undone")
    owner.wait_for_tiles(Views="20,000")
    dialog.press("Close")
    assert views_of(owner, f"{site}/x") == 20_007


def test_should_know_the_views_of_a_day_that_is_not_shown(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    earlier = TODAY - timedelta(days=90)
    add(owner, f"{site}/x", 50, earlier)
    owner.open(f"site={site}&page=/x&span=30")
    dialog.correct("subtract", "Take out views")

    dialog.fill("Day", earlier.isoformat())

    shown = f"It had 50 views on {earlier:%b} {earlier.day}, {earlier.year}."
    owner.reader.wait_for(shown, "dialog .hint[role=status]")
    dialog.press("Continue", "Take these views out?")
    assert dialog.facts()["On this day"] == "50, then 0"


def test_should_not_take_the_number_of_one_day_out_of_another(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    earlier = TODAY - timedelta(days=90)
    add(owner, f"{site}/x", 50, earlier)
    owner.open(f"site={site}&page=/x&span=30")
    dialog.correct("subtract", "Take out views")
    assert dialog.values() == [FLOOD_DAY.isoformat(), "20000"]
    owner.reader.run(HOLD_HISTORIES)

    dialog.fill("Day", earlier.isoformat())

    assert dialog.values() == [earlier.isoformat(), ""]
    assert owner.texts("dialog .hint[role=status]")[0] == ""
    owner.reader.run("release()")
    owner.reader.wait_for_value(
        "50", "document.querySelectorAll('dialog input')[1].value"
    )


def test_should_not_replace_a_dialog_by_one_that_was_asked_for_before(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x&span={TODAY}")
    owner.reader.wait_for_value(False, "document.querySelector('#site').hidden")
    owner.reader.run(HOLD_HISTORIES)
    owner.reader.click("[data-change=delete]")
    owner.reader.wait_for_value("function", "typeof release")
    owner.reader.run("window.fetch = real")
    dialog.correct("set", "Set the number of views")

    owner.reader.run("release()")
    owner.reader.wait_for_value(True, HAS_ARRIVED)

    assert owner.texts("#dialog-title") == ["Set the number of views"]


def test_should_propose_the_day_with_the_most_views(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")

    dialog.correct("subtract", "Take out views")

    assert dialog.values() == [FLOOD_DAY.isoformat(), "20000"]
    dialog.fill("Day", TODAY.isoformat())
    assert dialog.values() == [TODAY.isoformat(), "7"]
    dialog.fill("Views", "3")
    dialog.fill("Day", FLOOD_DAY.isoformat())
    assert dialog.values() == [FLOOD_DAY.isoformat(), "3"]


def test_should_set_a_number_and_undo_it_exactly(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("set", "Set the number of views")
    assert dialog.values() == ["20007"]
    dialog.fill("Views", "500")
    dialog.press("Continue", "Set this number?")
    dialog.press("Set the number", "The number is set")
    assert dialog.table() == [["Of the page", "20,007", "500"]]
    owner.count(f"{site}/x")

    dialog.press("Undo", "The change is undone")

    assert views_of(owner, f"{site}/x") == 20_008


def test_should_rename_a_page_and_show_it_under_its_new_name(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("rename", "Rename")
    assert dialog.values() == ["/x"]
    dialog.fill("New name", "/caf\u00e9")
    dialog.press("Continue", "Rename it?")
    assert dialog.facts()["New name"] == f"{site}/caf\u00e9"
    dialog.press("Rename", "Renamed")
    assert dialog.table() == [
        ["Of the page", "20,007", "0"],
        ["Of the new name", "0", "20,007"],
    ]

    dialog.press("Close")

    owner.reader.wait_for("/caf\u00e9", "#site-name")
    owner.reader.wait_for_value("site-title", "document.activeElement.id")
    owner.wait_for_tiles(Views="20,007")
    owner.reader.click("#to-site")
    owner.wait_for_texts(["/caf\u00e9", "/y"], "#pages .path")
    assert views_of(owner, f"{site}/x") == 0


def test_should_stay_at_a_page_whose_new_name_is_taken_back(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("rename", "Rename")
    dialog.fill("New name", "/z")
    dialog.press("Continue", "Rename it?")
    dialog.press("Rename", "Renamed")

    dialog.press("Undo", "The change is undone")
    dialog.press("Close")

    assert owner.reader.text("#site-name") == "/x"
    assert views_of(owner, f"{site}/x") == 20_007


def test_should_show_near_the_form_why_a_page_cannot_be_renamed(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("rename", "Rename")
    dialog.fill("New name", "/y")
    dialog.press("Continue", "Rename it?")

    dialog.press("Rename", "Rename it?")

    dialog.wait_for_problem(
        f"{site}/y has counts already; allowed: another name, or to merge both."
    )
    dialog.press("Back", "Rename")
    assert dialog.values() == ["/y"]
    assert owner.texts("dialog .problem") == [""]
    dialog.press("Cancel")
    assert views_of(owner, f"{site}/x") == 20_007


def test_should_merge_pages_and_offer_an_export_before(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("merge", "Merge into another page")
    dialog.fill("Merge into", "/y")

    dialog.press("Continue", "Merge both?")

    facts = dialog.facts()
    assert facts["Into"] == f"{site}/y"
    assert (facts["Views now"], facts["Views there now"]) == ("20,007", "1")
    export = f"{owner.url}/api/export?format=json&site={site}"
    link = "document.querySelector('dialog a.button').href"
    assert owner.reader.value(link) == export
    dialog.press("Merge", "Merged")
    assert owner.texts("dialog .hint:not(.wait)") == [
        "To undo it: import an export, or restore a backup, that was made before."
    ]
    assert owner.texts("dialog form > .actions:last-child button") == ["Close"]
    dialog.press("Close")
    owner.reader.wait_for("/y", "#site-name")
    assert views_of(owner, f"{site}/y") == 20_008


def test_should_delete_a_page_and_show_its_site(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("delete", "Delete it?")

    dialog.press("Delete", "Deleted")
    dialog.press("Close")

    owner.reader.wait_for(site, "#site-name")
    owner.wait_for_texts(["/y"], "#pages .path")


def test_should_rename_merge_and_delete_sites(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    new, other = new_site(), new_site()
    add(owner, f"{other}/x", 5, TODAY)
    owner.open(f"site={site}")
    assert not owner.reader.is_visible("[data-change=set]")
    dialog.correct("rename", "Rename")
    dialog.fill("New name", new)
    dialog.press("Continue", "Rename it?")
    dialog.press("Rename", "Renamed")
    dialog.press("Close")
    owner.reader.wait_for(new, "#site-name")
    owner.reader.wait_for_value(True, "!document.querySelector('#site').hidden")

    dialog.correct("merge", "Merge into another site")
    dialog.fill("Merge into", other)
    dialog.press("Continue", "Merge both?")
    assert len(owner.texts("dialog a.button")) == 2
    dialog.press("Merge", "Merged")
    dialog.press("Close")

    owner.reader.wait_for(other, "#site-name")
    assert views_of(owner, f"{other}/x") == 20_012
    dialog.correct("delete", "Delete it?")
    assert "Links that show this site to others end for good." in owner.texts(
        "dialog .hint"
    )
    dialog.press("Delete", "Deleted")
    assert dialog.table() == [["Of the site", "20,013", "0"]]
    dialog.press("Close")
    owner.reader.wait_for_value(True, f"!location.hash.includes('{other}')")
    owner.reader.wait_for_value(
        None, f"document.querySelector('#sites [data-key=\"{other}\"]')"
    )


def test_should_make_a_change_once_although_its_answer_was_lost(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x&span={TODAY}")
    dialog.correct("subtract", "Take out views")
    dialog.fill("Views", "3")
    dialog.press("Continue", "Take these views out?")
    owner.reader.run(LOSE_ONE_ANSWER)
    dialog.press("Take them out", "Take these views out?")
    dialog.wait_for_problem(
        "The tracker cannot be reached. Try again: nothing is done twice."
    )
    # A look at the form does not make it another attempt, nor does a new dialog.
    dialog.press("Back", "Take out views")
    dialog.press("Cancel")
    dialog.correct("subtract", "Take out views")
    dialog.fill("Views", "3")
    dialog.press("Continue", "Take these views out?")

    dialog.press("Take them out", "The views are taken out")

    assert dialog.table()[0] == ["Of the page", "20,007", "20,004"]
    assert views_of(owner, f"{site}/x") == 20_004


def test_should_correct_with_the_keyboard_alone(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x&span={TODAY}")
    owner.reader.wait_for_value(False, "document.querySelector('#site').hidden")
    owner.reader.run("document.querySelector('[data-change=set]').focus()")
    owner.reader.press(Keys.ENTER)
    dialog.wait_for("Set the number of views")
    owner.reader.press(Keys.ESCAPE)
    dialog.wait_for(None)
    assert owner.reader.value(FOCUSED) == "Set the number"

    owner.reader.press(Keys.ENTER)
    dialog.wait_for("Set the number of views")
    owner.reader.press("12", Keys.ENTER)
    dialog.wait_for("Set this number?")
    assert owner.reader.value(FOCUSED) == "Set this number?"
    owner.reader.press(Keys.TAB, Keys.ENTER)
    dialog.wait_for("The number is set")
    owner.reader.press(Keys.TAB, Keys.ENTER)

    dialog.wait_for(None)
    assert owner.reader.value(FOCUSED) == "Set the number"
    assert views_of(owner, f"{site}/x") == 12


def test_should_refuse_what_is_no_number(
    owner: Owner, dialog: Dialog, site: str
) -> None:
    owner.open(f"site={site}&page=/x")
    dialog.correct("set", "Set the number of views")

    for text in ("", "-1", "1.5"):
        dialog.fill("Views", text)
        dialog.press("Continue", "Set the number of views")

    assert owner.reader.value("document.querySelector('dialog :invalid') !== null")


def test_should_show_deceiving_names_as_they_are(owner: Owner, dialog: Dialog) -> None:
    site = new_site()
    owner.count(f"{site}{DECEIVING}")
    owner.open(f"site={site}&page={DECEIVING.replace('%', '%25')}")

    dialog.correct("delete", "Delete it?")

    assert dialog.facts()["Page"] == f"{site}{DECEIVING}"
    dialog.press("Delete", "Deleted")
    assert dialog.table() == [["Of the page", "1", "0"]]


def test_should_only_offer_what_the_tracker_s_own_page_can_have(
    owner: Owner, dialog: Dialog
) -> None:
    make_change(owner, change="add", page="~/", views=2)
    owner.open("site=~&page=/")

    shown = owner.texts("#corrections button:not([hidden])")

    assert shown == ["Set the number", "Take out views", "Delete"]
    dialog.correct("set", "Set the number of views")
    dialog.fill("Views", "40")
    dialog.press("Continue", "Set this number?")
    assert dialog.facts()["Page"] == "This tracker"
    dialog.press("Set the number", "The number is set")
    assert dialog.table()[0][2] == "40"

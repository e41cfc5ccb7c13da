"""The owner exports and imports files in the dashboard."""

import json
from pathlib import Path

import pytest

from tests.browser.dialog import Dialog, make_change, views_of
from tests.browser.owner import Owner, new_site
from tests.servers import wait_until

FILE = "#import-file"
CHOICES = "dialog :is(select, a)"


@pytest.fixture(name="dialog")
def fixture_dialog(owner: Owner) -> Dialog:
    """The dialog of the owner."""
    return Dialog(owner)


@pytest.fixture(name="site")
def fixture_site(owner: Owner) -> str:
    """A site with 3 views."""
    site = new_site()
    make_change(owner, change="add", page=f"{site}/x", views=3)
    return site


def open_import(dialog: Dialog, file: Path) -> None:
    """Open the import, and choose a file."""
    dialog.reader.click("#open-import")
    dialog.wait_for("Import")
    dialog.reader.choose_file(FILE, file)


def downloaded(folder: Path, kind: str) -> str:
    """Return the content of the file of this kind, when it has arrived."""
    wait_until(lambda: any(folder.glob(f"*.{kind}")), f"a file in {folder}")
    return next(folder.glob(f"*.{kind}")).read_text("utf-8")


def test_should_export_a_site_or_all(
    owner: Owner, dialog: Dialog, site: str, tmp_path: Path
) -> None:
    owner.open(f"site={site}")
    owner.reader.save_downloads_in(tmp_path)
    dialog.export()

    owner.reader.click("#export")

    counts = json.loads(downloaded(tmp_path, "json"))["counts"]
    assert {count["page"] for count in counts if "page" in count} == {f"{site}/x"}
    dialog.fill("Sites", "")
    dialog.fill("Format", "csv")
    owner.reader.click("#export")
    rows = downloaded(tmp_path, "csv").splitlines()
    assert f"{site}/x,3" in rows
    assert len(rows) > 100


def test_should_show_what_a_file_has_before_it_is_imported(
    owner: Owner, dialog: Dialog, tmp_path: Path
) -> None:
    site = new_site()
    file = tmp_path / "old.csv"
    file.write_text(f"page,views\n{site}/a,40\n{site}/b,2\n", "utf-8")
    owner.open()
    open_import(dialog, file)

    dialog.press("Check the file", "Import these views?")

    assert dialog.facts() == {"File": "old.csv", "Format": "csv", "Views": "42"}
    assert dialog.table() == [[site, "42", "2", "0"]]
    assert views_of(owner, f"{site}/a") == 0
    dialog.press("Import", "Imported")
    assert dialog.table() == [[site, "42", "2", "0"]]
    dialog.press("Close")
    assert views_of(owner, f"{site}/a") == 40


def test_should_not_import_a_file_twice(
    owner: Owner, dialog: Dialog, tmp_path: Path
) -> None:
    site = new_site()
    file = tmp_path / "old.csv"
    file.write_text(f"page,views\n{site}/a,40\n", "utf-8")
    owner.open()
    for result in ("Imported", "Nothing was imported"):
        open_import(dialog, file)
        dialog.press("Check the file", "Import these views?")
        dialog.press("Import", result)
        dialog.press("Close")

    assert views_of(owner, f"{site}/a") == 40


def test_should_ask_what_to_do_with_counts_that_are_there(
    owner: Owner, dialog: Dialog, site: str, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    file.write_text(f"page,views\n{site}/x,40\n", "utf-8")
    owner.open()
    open_import(dialog, file)

    dialog.press("Check the file", "The file cannot be imported like this")

    assert site in owner.texts("dialog .problem")[0]
    assert dialog.table() == [[site, "40", "1", "0"]]
    dialog.press("Back", "Import")
    dialog.fill("If the sites", "replace")
    dialog.press("Check the file", "Import these views?")
    dialog.press("Import", "Imported")
    assert views_of(owner, f"{site}/x") == 40


def test_should_show_near_the_form_what_is_wrong_with_a_file(
    owner: Owner, dialog: Dialog, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("page,views\na.example/x,many\n", "utf-8")
    owner.open()
    open_import(dialog, file)

    dialog.press("Check the file", "Import")

    dialog.wait_for_problem(
        "Line 2: 'many' is not a number of views; allowed: a whole number from 0 to "
        "9007199254740991, without separators."
    )


def test_should_not_upload_a_file_that_is_too_large(
    owner: Owner, dialog: Dialog, tmp_path: Path
) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as content:
        content.truncate(64 * 2**20 + 1)
    owner.open()
    open_import(dialog, file)

    dialog.press("Check the file", "Import")

    dialog.wait_for_problem(
        "The file has more than 64 MiB. Compress it with gzip, or use the command "
        "page-tracker import."
    )
    assert owner.reader.requested_urls("api/import") == []

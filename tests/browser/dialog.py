"""The dialog of the dashboard, in which the owner corrects, exports and imports."""

from collections.abc import Mapping
from datetime import date

import requests

from tests.browser.owner import TOKEN, Owner
from tests.counting import TIMEOUT_S

TITLE = "#dialog-title"
BUTTONS = "dialog form > .actions:last-child button"


class Dialog:
    """What the owner does in the dialog."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.reader = owner.reader

    def correct(self, change: str, title: str) -> None:
        """Open the dialog for a correction, and wait until it has this title."""
        self._open(f"[data-change={change}]", title)

    def export(self) -> None:
        """Open the dialog for an export."""
        self._open("#open-export", "Export")

    def _open(self, button: str, title: str) -> None:
        # The first numbers may be a second old, and lack the site.
        self.reader.wait_for_value(False, "document.querySelector('#site').hidden")
        self.reader.click(button)
        self.wait_for(title)

    def wait_for(self, title: str | None) -> None:
        """Wait for the step with this title, or for the end."""
        self.reader.wait_for_value(
            title, f"document.querySelector('{TITLE}')?.textContent ?? null"
        )

    def press(self, button: str, title: str | None = None) -> None:
        """Press a button, and wait for the step with this title, or for the end."""
        place = self.owner.texts(BUTTONS).index(button) + 1
        self.reader.click(f"{BUTTONS}:nth-of-type({place})")
        self.wait_for(title)

    def fill(self, label: str, text: str) -> None:
        """Enter a text in the field with this label."""
        self.reader.run(f"""
            const labels = [...document.querySelectorAll("dialog label")];
            const isIt = label => label.textContent.startsWith({label!r});
            const field = labels.find(isIt).control;
            field.value = {text!r};
            field.dispatchEvent(new Event("input"));
            field.dispatchEvent(new Event("change"));
            """)

    def values(self) -> object:
        """Return the values of all fields."""
        fields = "[...document.querySelectorAll('dialog :is(input, select)')]"
        return self.reader.value(f"{fields}.map(field => field.value)")

    def facts(self) -> dict[str, str]:
        """Return what the step names, such as the page."""
        found = self.owner.texts("dialog .facts > *")
        return dict(zip(found[::2], found[1::2], strict=True))

    def table(self) -> list[list[str]]:
        """Return the texts in the rows of the table."""
        rows = "[...document.querySelectorAll('dialog tbody tr')]"
        found = self.reader.value(
            f"{rows}.map(row => [...row.children].map(cell => cell.textContent))"
        )
        assert isinstance(found, list)
        return found

    def wait_for_problem(self, text: str) -> None:
        """Wait until the step shows this problem."""
        self.reader.wait_for(text, "dialog .problem")


def make_change(owner: Owner, **document: object) -> None:
    """Make a change over HTTP."""
    _send(owner, document).raise_for_status()


def forget(owner: Owner, site: str) -> None:
    """Delete a site, if it exists: other tests expect the sample sites at the top."""
    _send(owner, {"change": "delete", "site": site})


def _send(owner: Owner, document: Mapping[str, object]) -> requests.Response:
    return requests.post(
        f"{owner.url}/api/changes",
        json=document,
        auth=("owner", TOKEN),
        timeout=TIMEOUT_S,
    )


def add(owner: Owner, page: str, number: int, day: date) -> None:
    """Add views of a page on a day."""
    make_change(owner, change="add", page=page, views=number, day=day.isoformat())


def views_of(owner: Owner, page: str) -> object:
    """Return the views of a page of all time."""
    answer = requests.get(
        f"{owner.url}/views.json", {"page": page}, timeout=TIMEOUT_S
    ).json()
    return answer["views"]

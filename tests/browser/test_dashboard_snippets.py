"""The snippets of the dashboard work when they are copied into a site."""

import re
from urllib.parse import parse_qs, urlsplit

import requests

from tests.browser.owner import SITE, TOKEN, Owner, new_site
from tests.browser.reader import Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker
from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S

PREVIEW = "document.querySelector('#preview')"


def copy(owner: Owner, button: str) -> str:
    """Click a copy button, and return the content of the clipboard."""
    owner.reader.allow_clipboard()
    owner.reader.click(button)
    owner.reader.wait_for("Copied", button)
    owner.reader.wait_for("Copied to the clipboard", "#announcement")
    return str(owner.reader.value("navigator.clipboard.readText()"))


def test_should_copy_a_script_that_counts(
    owner: Owner, reader: Reader, site: Site
) -> None:
    owner.open()

    script = copy(owner, "#copy-script")

    # The site of this test is on this machine.
    reader.open(site.add("/", script.replace("defer", "defer data-local")))
    reader.wait_for("1")
    assert Tracker(owner.url).views(f"{site.host}/") == 1


def test_should_copy_the_badge_of_the_preview(owner: Owner) -> None:
    owner.open()
    owner.type("#badge-page", f"{SITE}/(a b)")
    owner.type("#badge-label", "seen [by]")
    chosen = {"show": "today", "color": "brightgreen", "style": "for-the-badge"}
    for name, value in chosen.items():
        owner.reader.click(f"#badge-{name} option[value='{value}'], #badge-{name}")
        owner.reader.run(
            f"document.querySelector('#badge-{name}').value = '{value}';"
            f"document.querySelector('#badge-{name}').dispatchEvent(new Event('input'))"
        )
    owner.reader.wait_for_value(
        True, f"{PREVIEW}.src.includes('for-the-badge') && {PREVIEW}.complete"
    )
    preview = str(owner.reader.value(f"{PREVIEW}.src"))

    badge = copy(owner, "#copy-badge")

    image = re.fullmatch(r"!\[seen by\]\((\S+)\)", badge)
    assert image and "(" not in image[1]
    assert preview == image[1].replace("/hit.svg", "/views.svg")
    assert parse_qs(urlsplit(preview).query) == {
        "page": [f"{SITE}/(a b)"],
        "label": ["seen [by]"],
        **{name: [value] for name, value in chosen.items()},
    }
    assert requests.get(preview, timeout=TIMEOUT_S).status_code == 200


def test_should_show_a_preview_without_counting(owner: Owner) -> None:
    site = new_site()
    owner.count(site)

    owner.open(f"site={site}")

    owner.reader.wait_for_value(True, f"{PREVIEW}.complete && {PREVIEW}.width > 0")
    assert Tracker(owner.url).views(site) == 1


def test_should_contain_the_public_url_but_preview_from_the_tracker(
    browser: Reader, start_tracker: StartTracker
) -> None:
    tracker = start_tracker(
        REDIS_URL="memory://",
        PAGE_TRACKER_TOKEN=TOKEN,
        PAGE_TRACKER_URL="https://counter.example",
        PAGE_TRACKER_BASE_PATH="/counter",
    )
    owner = Owner(browser, f"{tracker.address()}/counter")
    requests.get(f"{owner.url}/hit.txt?page={SITE}", timeout=TIMEOUT_S)

    owner.open()

    public = "https://counter.example/counter"
    browser.wait_for_value(True, f"{PREVIEW}.complete && {PREVIEW}.width > 0")
    assert f'src="{public}/track.js"' in str(browser.text("#script-code"))
    assert f"]({public}/hit.svg?" in str(browser.text("#badge-code"))
    assert str(browser.value(f"{PREVIEW}.src")).startswith(f"{owner.url}/views.svg")

"""Badges and pixels count views without a script."""

import json

import pytest
import requests

from tests.browser.reader import NUMBERS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker

WIDTH = "document.querySelector('img').naturalWidth"
ISOLATED = {
    "Cross_Origin_Embedder_Policy": "require-corp",
    "Cross_Origin_Opener_Policy": "same-origin",
}


@pytest.mark.parametrize("tag", ["<img", "<img crossorigin"])
@pytest.mark.parametrize("image", ["hit.svg", "hit.gif"])
def test_should_count_once_for_each_image(
    reader: Reader, tracker: Tracker, site: Site, tag: str, image: str
) -> None:
    named = f"{site.host}/named"
    tag = f'{tag} src="{tracker.url}/{image}?page={named}">'
    views = 0

    for page in (site.add("/", tag), site.add("/isolated", tag, **ISOLATED)):
        for _ in range(2):
            reader.open(page)
            views += 1
            assert reader.value(f"{WIDTH} > 0")
            assert tracker.views(named) == views
    assert reader.value("crossOriginIsolated") is True


@pytest.mark.parametrize(
    "badge", ["views.svg?", "hit.svg?style=wrong&"], ids=["views", "invalid style"]
)
def test_should_show_a_badge_without_counting(
    reader: Reader, tracker: Tracker, site: Site, badge: str
) -> None:
    named = f"{site.host}/named"
    tag = f'<img src="{tracker.url}/{badge}page={named}">'

    reader.open(site.add("/", tag))

    assert reader.value(f"{WIDTH} > 0")
    assert tracker.views(named) == 0


@pytest.mark.parametrize(
    ("label", "style"),
    # Scripts for which DejaVu has letters, which is installed with Chromium.
    [
        ("readers", "flat"),
        ("просмотры", "flat"),
        ("προβολές", "flat"),
        ("المشاهدات", "flat"),
        ("المشاهدات", "social"),
        ("مشاهدات اليوم", "flat"),
        ("צפיות", "flat"),
        ("𝘃𝗶𝗲𝘄𝘀", "flat"),
    ],
)
def test_should_draw_a_label_as_wide_as_the_browser_does(
    reader: Reader, tracker: Tracker, site: Site, label: str, style: str
) -> None:
    reader.open(site.add("/", ""))
    query = {"page": site.host, "label": label, "style": style}
    drawn = requests.get(f"{tracker.url}/views.svg", query, timeout=10).text
    reader.run(f"document.body.innerHTML = {json.dumps(drawn)}")

    measured = reader.value("""(() => {
          const text = document.querySelector("svg[role] text");
          const box = document.querySelector("svg[role] g rect");
          text.removeAttribute("textLength");
          return [box.width.baseVal.value - 10, text.getComputedTextLength() / 10];
        })()""")

    assert isinstance(measured, list)
    width, natural = measured
    assert width == pytest.approx(natural, rel=0.15)


@pytest.mark.parametrize("attributes", ["defer", "defer crossorigin"])
def test_should_run_the_script_in_an_isolated_page(
    reader: Reader, tracker: Tracker, site: Site, attributes: str
) -> None:
    page = site.add("/", tracker.script(attributes) + NUMBERS, **ISOLATED)

    reader.open(page)

    reader.wait_for("1")
    reader.settle(tracker)
    assert tracker.views(page) == 1

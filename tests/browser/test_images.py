"""Badges and pixels count views without a script."""

import pytest

from tests.browser.reader import NUMBERS, Reader, Tracker
from tests.browser.site import Site

pytestmark = pytest.mark.timeout(120)

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


@pytest.mark.parametrize("attributes", ["defer", "defer crossorigin"])
def test_should_run_the_script_in_an_isolated_page(
    reader: Reader, tracker: Tracker, site: Site, attributes: str
) -> None:
    page = site.add("/", tracker.script(attributes) + NUMBERS, **ISOLATED)

    reader.open(page)

    reader.wait_for("1")
    reader.settle(tracker)
    assert tracker.views(page) == 1

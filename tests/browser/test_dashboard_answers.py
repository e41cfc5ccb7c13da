"""The dashboard is right whenever an answer arrives, and if none does."""

from tests.browser.owner import PEAK_SITE, SITE, Owner, new_site

SIMULATE = """
window.delays = {}; window.failing = "";
const real = fetch;
window.fetch = async (url, options) => {
  const name = Object.keys(delays).find(part => `${url}`.includes(part));
  if (failing && `${url}`.includes(failing))
    return new Response('{"error": "no answer"}', {status: 503});
  const answer = await real(url, options);
  if (name) await new Promise(done => setTimeout(done, delays[name]));
  options.signal?.throwIfAborted();
  return answer;
};
"""
"""Delays the answers for some URLs, and refuses to answer for others."""

BUSY = "document.querySelectorAll('[aria-busy]').length"


def go(owner: Owner, place: str) -> None:
    """Go to a place of the open dashboard."""
    owner.reader.run(f"location.hash = '{place}'")


def test_should_grey_numbers_until_those_of_the_span_arrive(owner: Owner) -> None:
    owner.open()
    owner.reader.run(f"{SIMULATE} window.failing = 'history'")

    owner.choose("#span", "7")

    owner.wait_for_texts(["History: no answer"], "#notices p")
    tiles = "document.querySelector('#tiles')"
    assert owner.tiles()["Views"] == "887"
    assert owner.reader.value(f"{tiles}.ariaBusy") == "true"
    owner.reader.wait_for_value("0.6", f"getComputedStyle({tiles}).opacity")
    # The tracker still sends events, so no lost connection leads to a new attempt.
    owner.reader.run("window.failing = ''")
    owner.wait_for_tiles(Views="128")
    owner.wait_for_pages()
    assert owner.texts("#notices p") == []


def test_should_not_repeat_a_request_that_another_has_replaced(owner: Owner) -> None:
    owner.open()
    owner.reader.run(f"{SIMULATE} window.failing = 'api/sites/'")
    owner.choose("#span", "90")
    owner.reader.wait_for_value(3, "document.querySelectorAll('#notices p').length")
    owner.reader.run("failing = ''; delays = {'api/sites/': 500}")

    owner.choose("#span", "yesterday")
    owner.reader.wait_for_value(True, "location.hash.endsWith('yesterday')")
    owner.reader.value("import('./dashboard/notices.js').then(m => m.retryFailed())")

    owner.wait_for_tiles(Views="18", Visitors="2")
    owner.wait_for_pages()
    assert owner.texts("#pages .path") == ["/", "/post/1"]
    assert owner.texts("#notices p") == []


def test_should_show_the_last_choice_whichever_answer_is_the_last(owner: Owner) -> None:
    owner.open()
    owner.reader.run(f"{SIMULATE} window.delays = {{'{SITE}/': 500}}")
    for span in ("today", "7", "all"):
        owner.choose("#span", span)

    go(owner, f"site={PEAK_SITE}&span=7")

    owner.wait_for_texts(["1,060", "100%"], "#pages tbody td:not(:first-child)")
    owner.wait_for_tiles(Views="1,060")
    owner.reader.value("new Promise(done => setTimeout(done, 700))")
    assert owner.tiles()["Views"] == "1,060"
    assert owner.reader.value(BUSY) == 0


def test_should_prefer_live_numbers_to_an_answer_that_is_late(owner: Owner) -> None:
    site = new_site()
    owner.count(site)
    owner.open(f"site={site}")
    owner.wait_for_tiles(Views="1")
    owner.reader.run(f"{SIMULATE} window.delays = {{history: 3000}}")
    owner.choose("#span", "7")

    owner.count(site)

    owner.wait_for_texts(["2 views"], "#sites [aria-current] .name + span")
    owner.wait_for_pages()
    assert owner.tiles()["Views"] == "2"

"""The owner's rules for names, and that they hold for every way in."""

from collections.abc import Mapping

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Page, create_app
from page_tracker.counting.naming import AS_STORED, Naming
from page_tracker.counting.page_names import MAX_BYTES, PageNameError
from page_tracker.settings import Settings, SettingsError
from tests.unit.pages import views

RULES = {
    "PAGE_TRACKER_SAME_SITES": "www.example.com=example.com",
    "PAGE_TRACKER_SAME_PAGES": "slash,index,case",
    "PAGE_TRACKER_QUERY": "p,page_id",
}
MANY_NAMES = "https://WWW.example.com/Blog/index.html?utm_source=x&p=7#top"
ONE_NAME = Page("example.com", "/blog?p=7")


def naming_of(**variables: str) -> Naming:
    """Return the rules of these variables, named without their prefix."""
    environ = {f"PAGE_TRACKER_{name}": text for name, text in variables.items()}
    return Settings.read(environ).rules.naming


@pytest.mark.parametrize(
    ("variables", "name", "page"),
    [
        # Without rules, each path of each host is a page.
        ({}, "www.example.com/Blog/?p=7#top", "www.example.com/Blog/"),
        ({}, "example.com/index.html", "example.com/index.html"),
        # A slash at the end.
        ({"SAME_PAGES": "slash"}, "example.com/blog/", "example.com/blog"),
        ({"SAME_PAGES": "slash"}, "example.com/blog//", "example.com/blog"),
        ({"SAME_PAGES": "slash"}, "example.com", "example.com/"),
        ({"SAME_PAGES": "slash"}, "example.com/index.html/", "example.com/index.html"),
        (
            {"SAME_PAGES": "slash,index"},
            "example.com/a/index.php/index.html",
            "example.com/a",
        ),
        # The file of a folder.
        ({"SAME_PAGES": "index"}, "example.com/index.html", "example.com/"),
        ({"SAME_PAGES": "index"}, "example.com/a/index.htm", "example.com/a/"),
        ({"SAME_PAGES": "index"}, "example.com/a/index.php?p=1", "example.com/a/"),
        ({"SAME_PAGES": "index"}, "example.com/my-index.html", None),
        ({"SAME_PAGES": "index"}, "example.com/INDEX.HTML", None),
        ({"SAME_PAGES": "index,slash"}, "example.com/a/index.html", "example.com/a"),
        # Uppercase and lowercase letters, also in escapes; but not other characters.
        ({"SAME_PAGES": "case"}, "example.com/Blog", "example.com/blog"),
        ({"SAME_PAGES": "case"}, "example.com/%C3%84%2F", "example.com/%C3%A4%2F"),
        ({"SAME_PAGES": "case"}, "example.com/ÄÖ", "example.com/%C3%A4%C3%B6"),
        ({"SAME_PAGES": "case,index"}, "example.com/INDEX.HTML", "example.com/"),
        # Blanks that a browser ignores.
        ({"QUERY": "p"}, " example.com/a?p=\t7\n ", "example.com/a?p=7"),
        ({}, " example.com/#/a\n", "example.com/#/a"),
        # Parameters, in the order of their names.
        ({"QUERY": "p"}, "example.com/?p=7&utm_source=x", "example.com/?p=7"),
        ({"QUERY": "p"}, "example.com?p=7", "example.com/?p=7"),
        ({"QUERY": "p"}, "example.com/?P=7", "example.com/"),
        (
            {"QUERY": "p[]"},
            "example.com/?p%5B%5D=1&p[]=2",
            "example.com/?p%5B%5D=1&p%5B%5D=2",
        ),
        ({"QUERY": "b, a"}, "example.com/?b=2&c&a=%41", "example.com/?a=A&b=2"),
        ({"QUERY": "a"}, "example.com/?a=2&a=1&&a", "example.com/?a=2&a=1&a"),
        ({"QUERY": "a"}, "example.com/?a=ä+b", "example.com/?a=%C3%A4%20b"),
        ({"QUERY": "utm_source"}, "example.com/?utm_source=x", None),
        (
            {"QUERY": "*"},
            "example.com/?b&gclid=1&a=1&_x_tr_sl=de",
            "example.com/?a=1&b",
        ),
        ({"QUERY": "*"}, "example.com/?pkg=1&utm=2", None),
        ({"QUERY": "*,-ref,-s"}, "example.com/?ref=1&s=2&t=3", "example.com/?t=3"),
        # The route of a single-page app.
        ({}, "example.com/app/#/settings", None),
        ({}, "example.com/app/#!/Ä?tab=1", "example.com/app/#!/%C3%84"),
        ({"QUERY": "p"}, "example.com/?p=1#/a?p=2&q=3", "example.com/?p=1#/a?p=2"),
        ({"SAME_PAGES": "slash"}, "example.com/a/#/b/", "example.com/a#/b"),
        ({"SAME_PAGES": "slash"}, "example.com/a/#!/", "example.com/a#!/"),
        ({"SAME_PAGES": "slash"}, "example.com/a/#!//", "example.com/a#!/"),
        ({"SAME_PAGES": "slash,index"}, "example.com/#!/index.php/", "example.com/#!/"),
        # Other names of sites.
        (
            {"SAME_SITES": "www.example.com=example.com"},
            "https://www.example.com:443/Blog",
            "example.com/Blog",
        ),
        (
            {"SAME_SITES": "a.example=c.example, B.example=c.example"},
            "b.example",
            "c.example/",
        ),
        (
            {"SAME_SITES": "localhost:8000=example.com"},
            "localhost:8000/a",
            "example.com/a",
        ),
    ],
)
def test_should_name_a_page_by_the_rules(
    variables: Mapping[str, str], name: str, page: str | None
) -> None:
    naming = naming_of(**variables)

    found = naming.page(name)

    assert str(found) == (page or name)
    # The name of a page is a name of the same page.
    assert naming.page(str(found)) == found
    assert AS_STORED.page(str(found)) == found


@pytest.mark.parametrize("name", ["example.com/#/", "example.com/?p="])
def test_should_limit_the_length_of_a_whole_name(name: str) -> None:
    naming = naming_of(QUERY="p")
    longest = name + (MAX_BYTES - len(name)) * "a"

    assert str(naming.page(longest)) == longest
    with pytest.raises(PageNameError, match="too long; allowed: at most 2048 bytes"):
        naming.page(f"{longest}a")


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        ("SAME_SITES", "www.example.com", "allowed: pairs of hosts"),
        ("SAME_SITES", "a.example=b.example=c.example", "allowed: pairs of hosts"),
        ("SAME_SITES", "https://a.example=b.example", "allowed: pairs of hosts"),
        ("SAME_SITES", "a b.example=b.example", "the host 'a b.example' is not valid"),
        (
            "SAME_SITES",
            "a.example=b.example,a.example=c.example",
            "a.example stands for two sites; allowed: one",
        ),
        (
            "SAME_SITES",
            "a.example=b.example,b.example=c.example",
            "a.example stands for b.example, which stands for c.example; allowed: ",
        ),
        (
            "SAME_SITES",
            "bücher.example=b.example,bücher.example=c.example",
            "bücher.example stands for two sites; allowed: one",
        ),
        ("SAME_SITES", "a.example=a.example", "allowed: a site that does not stand"),
        (
            "SAME_PAGES",
            "slashes",
            "'slashes' is not allowed; allowed: slash, index, ca",
        ),
        ("QUERY", "p,", "'p,' is not allowed; allowed: names of parameters"),
        ("QUERY", "p,*", "allowed: names of parameters"),
        ("QUERY", "*,ref", "allowed: names of parameters"),
        ("QUERY", "a=b", "allowed: names of parameters"),
        ("QUERY", "-ref", "allowed: names of parameters"),
        ("QUERY", "p%5B%5D", "allowed: names of parameters"),
    ],
)
def test_should_refuse_rules_at_the_start(
    variable: str, text: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        naming_of(**{variable: text})

    assert str(refused.value).startswith(f"PAGE_TRACKER_{variable}: ")
    assert reason in str(refused.value)


def test_should_refuse_a_site_that_is_not_counted() -> None:
    with pytest.raises(SettingsError) as refused:
        naming_of(SITES="www.example.com", SAME_SITES="www.example.com=example.com")

    assert str(refused.value) == (
        "PAGE_TRACKER_SAME_SITES: www.example.com stands for example.com, which is not "
        "in PAGE_TRACKER_SITES; allowed: a site that is counted"
    )


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/hit.json", {"page": MANY_NAMES}),
        ("/hit.txt", {"page": MANY_NAMES}),
        ("/hit.svg", {"page": MANY_NAMES}),
        ("/hit.gif", {"page": MANY_NAMES}),
    ],
)
def test_should_count_under_one_name(
    backend: MemoryBackend, path: str, parameters: dict[str, str]
) -> None:
    client = TestApp(create_app(backend=backend, rules=Settings.read(RULES).rules))

    client.get(path, parameters)

    assert views(backend, ONE_NAME) == 1
    for name in (MANY_NAMES, str(ONE_NAME)):
        assert client.get("/views.json", {"page": name}).json["page"] == str(ONE_NAME)


def test_should_count_a_namespace_as_the_site_that_it_stands_for(
    backend: MemoryBackend,
) -> None:
    client = TestApp(create_app(backend=backend, rules=Settings.read(RULES).rules))

    client.get("/hit/www.example.com/Visits")

    assert views(backend, Page("example.com", "/visits")) == 1


def test_should_show_a_site_under_its_other_name() -> None:
    rules = Settings.read({**RULES, "PAGE_TRACKER_TOKEN": 16 * "t"}).rules
    client = TestApp(create_app(backend=MemoryBackend(), rules=rules))

    shown = client.get(
        "/api/sites/www.example.com/history",
        headers={"Authorization": f"Bearer {16 * 't'}"},
    )

    assert shown.json["site"] == "example.com"

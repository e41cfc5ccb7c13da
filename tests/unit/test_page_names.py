"""Names of pages: each page has exactly one normalized name."""

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from page_tracker.counting.page_names import (
    MAX_BYTES,
    PageNameError,
    parse_page,
    parse_site,
)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("example.com/blog/post", "example.com/blog/post"),
        ("example.com", "example.com/"),
        ("example.com/", "example.com/"),
        ("example.com/a/", "example.com/a/"),
        ("https://example.com/a", "example.com/a"),
        ("HTTP://EXAMPLE.com/A", "example.com/A"),
        ("//example.com/a", "example.com/a"),
        ("https://me:secret@example.com/a", "example.com/a"),
        ("https://me@you@example.com/a", "example.com/a"),
        ("example.com/@me", "example.com/@me"),
        ("example.com/a?b=c", "example.com/a"),
        ("example.com?b=/c", "example.com/"),
        ("example.com/a#b", "example.com/a"),
        ("example.com#/b", "example.com/"),
        ("http://example.com:80/", "example.com/"),
        ("https://example.com:443/", "example.com/"),
        ("example.com:/", "example.com/"),
        ("localhost:8000/a", "localhost:8000/a"),
        ("localhost:08000/a", "localhost:8000/a"),
        ("example.com./a", "example.com/a"),
        ("my_host/a", "my_host/a"),
        ("192.0.2.1/a", "192.0.2.1/a"),
        ("http://[2001:DB8:0::1]:8000/", "[2001:db8::1]:8000/"),
        ("[::1]/", "[::1]/"),
        ("bücher.example/", "xn--bcher-kva.example/"),
        ("BÜCHER.example/", "xn--bcher-kva.example/"),
        ("xn--bcher-kva.example/", "xn--bcher-kva.example/"),
        ("例え。jp/", "xn--r8jz45g.jp/"),
        ("straße.example/", "xn--strae-oqa.example/"),
        ("example.com/a/./b", "example.com/a/b"),
        ("example.com/a/../b", "example.com/b"),
        ("example.com/a/%2e%2E/b", "example.com/b"),
        ("example.com/../..", "example.com/"),
        ("example.com/a/..", "example.com/"),
        ("example.com/a/.", "example.com/a/"),
        ("example.com/...", "example.com/..."),
        ("example.com/.well-known/x", "example.com/.well-known/x"),
        ("example.com//a//", "example.com//a//"),
        ("example.com/%7euser", "example.com/~user"),
        ("example.com/%41%2d", "example.com/A-"),
        ("example.com/a%2fb", "example.com/a%2Fb"),
        ("example.com/a%3Fb", "example.com/a%3Fb"),
        ("example.com/é", "example.com/%C3%A9"),
        ("example.com/%c3%a9", "example.com/%C3%A9"),
        ("example.com/a b", "example.com/a%20b"),
        ("example.com/a+b", "example.com/a+b"),
        ("example.com/100%", "example.com/100%25"),
        ("example.com/%zz", "example.com/%25zz"),
        ("example.com/%25zz", "example.com/%25zz"),
        ("example.com/<\"'>", "example.com/%3C%22'%3E"),
        ("example.com/{a}[b]%5C^`|", "example.com/%7Ba%7D%5Bb%5D%5C%5E%60%7C"),
        ("example.com/a;b=c,d:e@f!$&()*", "example.com/a;b=c,d:e@f!$&()*"),
        # Namespaces, which are no IPv4 addresses.
        ("2026/a", "2026/a"),
        ("0x7f.1/a", "0x7f.1/a"),
        ("my.app.7/a", "my.app.7/a"),
    ],
)
def test_should_normalize_the_name_of_a_page(name: str, page: str) -> None:
    assert str(parse_page(name)) == page
    assert str(parse_page(page)) == page


@pytest.mark.parametrize(
    ("url", "page"),
    [
        # Bytes that are not UTF-8.
        ("https://example.com/caf%E9", "example.com/caf%E9"),
        ("https://example.com/caf%e9/%c3%a9", "example.com/caf%E9/%C3%A9"),
        ("https://example.com/%ED%A0%80", "example.com/%ED%A0%80"),
        ("https://example.com/caf\udce9", "example.com/caf%E9"),
        # Control characters.
        ("https://example.com/%00%0a%7f%C2%85", "example.com/%00%0A%7F%C2%85"),
        ("https://example.com/a\x00\x85", "example.com/a%00%C2%85"),
        # Hosts in all scripts, with symbols, and with characters that are left out.
        ("https://💩.la/", "xn--ls8h.la/"),
        ("https://xn--ls8h.la/", "xn--ls8h.la/"),
        ("https://_foo.bücher.example/", "_foo.xn--bcher-kva.example/"),
        ("https://Bu\u0308cher.example/", "xn--bcher-kva.example/"),
        ("https://faß.example/", "xn--fa-hia.example/"),
        ("https://ab--c.example/", "ab--c.example/"),
        ("https://exam\u00adple.com/", "example.com/"),
        ("https://ｅｘａｍｐｌｅ.com/", "example.com/"),
        ("https://例え.テスト/", "xn--r8jz45g.xn--zckzah/"),
        ("https://b%C3%BCcher.example/", "xn--bcher-kva.example/"),
        ("https://exa%6dple.com/", "example.com/"),
        (f"https://{'exam%70le.' * 24}com/", f"{'example.' * 24}com/"),
        # IP addresses in all notations.
        ("https://0x7f.1/", "127.0.0.1/"),
        ("http://2130706433:8000/", "127.0.0.1:8000/"),
        ("http://0300.0.0.01./", "192.0.0.1/"),
        ("http://[::ffff:192.0.2.1]/", "[::ffff:c000:201]/"),
        ("http://[0:0::1]:443/", "[::1]/"),
        # Blanks around a URL, and line breaks in it.
        (" https://example.com/a\n", "example.com/a"),
        ("\x00\t example.com/a \x1f", "example.com/a"),
        ("https://exa\tmple.com/a\r\n/b", "example.com/a/b"),
        ("https://example.com/a ?b", "example.com/a%20"),
        # Slashes and backslashes.
        ("https:\\\\example.com\\a\\..\\b", "example.com/b"),
        ("example.com\\a", "example.com/a"),
        ("https:example.com/a", "example.com/a"),
        ("http:/example.com/a", "example.com/a"),
        ("https:///example.com/a", "example.com/a"),
        ("https://example.com:000443/", "example.com/"),
        ("https://example.com:0/", "example.com:0/"),
    ],
)
def test_should_accept_every_url_of_a_browser(url: str, page: str) -> None:
    assert str(parse_page(url)) == page
    assert str(parse_page(page)) == page


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example-com.translate.goog", "example.com"),
        ("www-example-co-uk.translate.goog", "www.example.co.uk"),
        ("my--site-example.translate.goog", "my-site.example"),
        ("EXAMPLE-com.translate.goog.", "example.com"),
        # A prefix keeps hyphens from the third and the fourth place.
        ("1-my--site-example.translate.goog", "my-site.example"),
        ("1-example-com.translate.goog", "1.example.com"),
        # International names.
        ("0-bcher--kva-example.translate.goog", "xn--bcher-kva.example"),
        ("www-xn----bcher--kva-example.translate.goog", "www.xn--bcher-kva.example"),
        ("0-example-com.translate.goog", "0.example.com"),
        # These are no translations.
        ("translate.goog", "translate.goog"),
        ("intranet.translate.goog", "intranet.translate.goog"),
        ("a.example-com.translate.goog", "a.example-com.translate.goog"),
        ("a-b-translate-goog.translate.goog", "a-b-translate-goog.translate.goog"),
        ("example-com.translate.goog:8000", "example-com.translate.goog:8000"),
        ("example-com.translate.example", "example-com.translate.example"),
    ],
)
def test_should_count_a_translated_page_for_its_site(host: str, site: str) -> None:
    page = parse_page(f"https://{host}/a?_x_tr_sl=en&_x_tr_tl=de")

    assert str(page) == f"{site}/a"
    assert parse_page(str(page)) == page
    assert parse_site(host) == site


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "the host is missing; allowed: a name such as example.com"),
        ("/", "the host is missing"),
        ("/blog/post", "the host is missing"),
        ("?page", "the host is missing"),
        ("https:///", "the host is missing"),
        ("///a", "the host is missing"),
        (
            "ftp://example.com/",
            "the scheme 'ftp' is not valid; allowed: http, https or none",
        ),
        ("javascript://example.com/", "the scheme 'javascript'"),
        ("javascript:alert(1)", "the port 'alert(1)' is not valid; allowed: a number"),
        ("example.com:65536/", "the port '65536'"),
        ("example.com:-1/", "the port '-1'"),
        ("example.com:８０/", "the port '８０'"),
        ("exam ple.com/", "the host 'exam ple.com'"),
        ("\xa0example.com/", "the host '\\xa0example.com'"),
        ("https://\u00ad/", "the host '\\xad' is not valid"),
        ("example..com/", "the host 'example..com'"),
        (".example.com/", "the host '.example.com'"),
        ("*.example.com/", "the host '*.example.com'"),
        ("{example}.com/", "the host '{example}.com'"),
        ("https://exa%2fmple.com/", "the host 'exa%2fmple.com'"),
        ("https://exa%mple.com/", "the host 'exa%mple.com'"),
        ("https://%E9.com/", "the host '%E9.com'"),
        ("https://a:b:80/", "the host 'a:b'"),
        ("https://a::80/", "the host 'a:'"),
        ("https://1.2.3.256/", "the host '1.2.3.256' is not valid; allowed: a name"),
        ("https://my.app.7/", "the host 'my.app.7'"),
        (
            f"{'a' * 64}.com/",
            f"the host '{'a' * 40}'… is too long; allowed: at most 253 characters, "
            "and 63 between dots",
        ),
        ("a." * 126 + "com/", "the host '"),
        ("a." * 130 + "com/", "the host '"),
        ("a\u2028b.com/", "the host '"),
        ("[::1/", "the host '[:'"),
        (
            "mailto:me@example.com",
            "a user needs a scheme before it; allowed: a whole URL",
        ),
        (
            "[::1:80/",
            "the host '[::1' is not valid; allowed: an IPv6 address in brackets",
        ),
        ("HTTPS:", "the host is missing; allowed: a name such as example.com"),
        ("a" + "\u0660" * 100_000 + ".com/", "the host 'a"),
        ("<" * 16_000, f"the host '{'<' * 40}'… is not valid; allowed: a name such"),
        (
            "[::g]/",
            "the host '[::g]' is not valid; allowed: an IPv6 address in brackets",
        ),
        ("[fe80::1%eth0]/", "the host '[fe80::1%eth0]'"),
        ("[192.0.2.1]/", "the host '[192.0.2.1]'"),
        ("example.com/\ud800", "the name is not valid UTF-8"),
        ("exam\ud800ple.com/", "the host 'exam\\ud800ple.com'"),
        ("exam\x01ple.com/", "the host 'exam\\x01ple.com'"),
        (
            f"example.com/{'a' * MAX_BYTES}",
            "the name is too long; allowed: at most 2048 bytes",
        ),
        (
            f"example.com/{'é' * 400}",
            "the name is too long; allowed: at most 2048 bytes",
        ),
    ],
)
def test_should_say_why_a_name_is_not_valid(name: str, reason: str) -> None:
    with pytest.raises(PageNameError) as refused:
        parse_page(name)

    assert str(refused.value).startswith(reason)


def test_should_accept_the_longest_name() -> None:
    name = "example.com/".ljust(MAX_BYTES, "a")

    assert str(parse_page(f"https://{name}?{'q' * MAX_BYTES}")) == name


@given(st.text() | st.from_regex(r"(https?:[/\\]*)?[a-z0-9.%x-]*:?[0-9]*/.*"))
def test_should_change_nothing_when_normalizing_twice(text: str) -> None:
    try:
        page = parse_page(text)
    except PageNameError:
        return

    assert parse_page(str(page)) == page


# All characters except those that end a segment or a path, or are not part of a URL.
segments = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="/\\?#%\t\n\r"),
        max_size=30,
    ).map(lambda text: text.strip("".join(map(chr, range(33))))),
    max_size=4,
)


@given(segments, st.booleans())
def test_should_give_a_path_one_name_whether_or_not_it_is_escaped(
    parts: list[str], everything: bool
) -> None:
    assume(not {".", ".."} & set(parts))
    path = "/".join(parts)
    # An escaped reserved character is not the same as the character itself.
    safe = "" if everything else "!$&'()*+,;=:@"
    assume(not everything or not set(path) & set("!$&'()*+,;=:@"))

    escaped = "/".join(quote(part, safe=safe) for part in parts)

    assert parse_page(f"a.example/{escaped}") == parse_page(f"a.example/{path}")


@given(segments, segments)
def test_should_give_different_pages_different_names(
    one: list[str], other: list[str]
) -> None:
    pages = [resolved(parts) for parts in (one, other)]

    names = [parse_page(f"a.example/{'/'.join(parts)}") for parts in (one, other)]

    assert (names[0] == names[1]) == (pages[0] == pages[1])


@given(segments)
def test_should_keep_the_content_of_a_path(parts: list[str]) -> None:
    page = parse_page(f"a.example/{'/'.join(parts)}")

    _, *kept = page.path.split("/")
    assert [unquote_to_bytes(part).decode() for part in kept] == resolved(parts)


def resolved(parts: list[str]) -> list[str]:
    """Return the segments of a path after "." and ".." have been removed."""
    parts = parts or [""]
    there: list[str] = []
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part == "..":
            there = there[:-1]
        if part not in (".", ".."):
            there.append(part)
        elif last:
            there.append("")
    return there

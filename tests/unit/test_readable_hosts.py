"""Hosts as people write them, unless that could deceive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page_tracker.counting.page_names import PageNameError, parse_site
from page_tracker.counting.readable_hosts import readable_host

HONEST = [
    "bücher.example",
    "www.bücher.example",
    "a-b.bücher.example",
    "münchen.de:8080",
    "straße.de",
    "café.fr",
    "łódź.pl",
    "ışık.com",
    "ılıca.com.tr",
    "þing.is",
    "əliyev.az",
    "việtnam.vn",
    "αθήνα.gr",
    "ελλάδα.ελ",
    "москва.com",
    "президент.рф",
    "хор.рф",
    "сор.рус",
    "россия.орг",
    "банк.срб",
    "метро.москва",
    "съюз.ею",
    "қазақстан.қаз",
    "հայաստան.հայ",
    "საქართველო.გე",
    "ישראל.example",
    "مثال.إختبار",
    "پاکستان.com",
    "ދިވެހި.com",
    "भारत.भारत",
    "বাংলা.বাংলা",
    "ਭਾਰਤ.com",
    "ભારત.com",
    "ଭାରତ.com",
    "தமிழ்.இந்தியா",
    "తెలుగు.com",
    "ಕನ್ನಡ.com",
    "മലയാളം.com",
    "ලංකා.com",
    "ประเทศไทย.ไทย",
    "ລາວ.com",
    "བོད.com",
    "မြန်မာ.com",
    "ኢትዮጵያ.com",
    "ខ្មែរ.com",
    "日本語.jp",
    "東京タワー.jp",
    "ノート.jp",
    "カフェへようこそ.jp",
    "ビタミンb1.jp",
    "カー野球.jp",
    "一生gamer.jp",
    "十一.cn",
    "tokyo東京.jp",
    "𠮷野家.jp",
    "中国.香港",
    "ㄅㄆ台灣.tw",
    "한국어.kr",
    "서울seoul.kr",
    "大韓민국.kr",
]
DECEPTIVE = [
    pytest.param("аррӏе.com", id="nothing but look-alikes in Cyrillic"),
    pytest.param("аррӏе.сом", id="look-alikes below a look-alike"),
    pytest.param("сор.ru", id="a Cyrillic word that looks like a Latin one"),
    pytest.param("орг.com", id="a top-level domain below another one"),
    pytest.param("κοινωνια.gr", id="nothing but look-alikes in Greek"),
    pytest.param("հոս.com", id="nothing but look-alikes in Armenian"),
    pytest.param("มห.com", id="nothing but look-alikes in Thai"),
    pytest.param("חיסון.com", id="nothing but look-alikes in Hebrew"),
    pytest.param("wıkıpedıa.com", id="i without its dot"),
    pytest.param("þaypal.com", id="thorn, where nobody writes with it"),
    pytest.param("əpple.com", id="schwa, where nobody writes with it"),
    pytest.param("раураl.com", id="Cyrillic with a Latin letter"),
    pytest.param("gοοgle.com", id="Latin with Greek letters"),
    pytest.param("яндексyandex.ru", id="Cyrillic with Latin"),
    pytest.param("αβγ日本.jp", id="Greek with Japanese"),
    pytest.param("ㄅ한국.kr", id="Chinese with Korean"),
    pytest.param("ɡoogle.com", id="a phonetic letter"),
    pytest.param("facebooĸ.com", id="a letter that is out of use"),
    pytest.param("ⲁⲃⲅ.com", id="a script that is out of use"),
    pytest.param("exampleノcom.jp", id="a letter like a slash"),
    pytest.param("日本ー野球.jp", id="a letter like a hyphen"),
    pytest.param("google一com.jp", id="a letter like a hyphen beside ASCII"),
    pytest.param("〇〇.com", id="a letter like a zero"),
    pytest.param("12з45.com", id="a letter like a digit"),
    pytest.param("ðisk.com", id="eth, where nobody writes with it"),
    pytest.param("g口口gle.com", id="a letter like a round one"),
    pytest.param("日本・東京.jp", id="a dot that is none"),
    pytest.param("paral·lel.com", id="a dot within a word"),
    pytest.param("ヘやま.jp", id="katakana in a hiragana word"),
    pytest.param("スへト.jp", id="hiragana in a katakana word"),
    pytest.param("pı̀xel.com", id="a mark in place of a dot"),
    pytest.param("ก่่.com", id="the same mark twice"),
    pytest.param("ก1ั.com", id="a mark on a digit"),
    pytest.param("بِسم.com", id="a vowel sign in Arabic"),
    pytest.param("৪৪.com", id="digits like others"),
    pytest.param("भारत८.com", id="digits of another script"),
    pytest.param("مثال۰كوم.com", id="a digit like a dot"),
    pytest.param("نامه\u200cای.com", id="an invisible character"),
    pytest.param("💩.la", id="a pictogram"),
]
WITHOUT_OTHER_FORM = [
    "",
    "example.com",
    "example.com:8080",
    "[2001:db8::1]:8080",
    "axn--bcher-kva.example",
    "xn--.example",
    "xn--a.example",
    "xn--a-ecp.ru",
    "xn--99999999999.example",
    "xn--bcher-kva_x.example",
    f"xn--{'z' * 59}.example",
]


@pytest.mark.parametrize("host", HONEST)
def test_should_show_a_host_as_people_write_it(host: str) -> None:
    site = parse_site(host)
    assert "xn--" in site
    assert readable_host(site) == host


@pytest.mark.parametrize("host", DECEPTIVE)
def test_should_keep_the_ascii_form_of_a_label_that_could_deceive(host: str) -> None:
    site = parse_site(host)
    first = site.partition(".")[0]
    assert first.startswith("xn--")
    assert readable_host(site).partition(".")[0] == first


def test_should_decide_for_each_label() -> None:
    site = parse_site("bücher.аррӏе.example")
    assert readable_host(site) == "bücher.xn--80ak6aa92e.example"


@pytest.mark.parametrize("site", WITHOUT_OTHER_FORM)
def test_should_leave_a_host_that_has_no_other_form(site: str) -> None:
    assert readable_host(site) == site


@given(st.lists(st.text(st.characters(min_codepoint=0x61), min_size=1), min_size=1))
def test_should_always_denote_the_same_site(labels: list[str]) -> None:
    try:
        site = parse_site(".".join(labels))
    except PageNameError:
        return
    assert parse_site(readable_host(site)) == site


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=59))
def test_should_accept_all_that_may_be_stored(encoded: str) -> None:
    site = f"xn--{encoded}.example"
    shown = readable_host(site)
    assert shown == site or parse_site(shown) == site

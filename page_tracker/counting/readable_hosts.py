"""Hosts as people write them, unless that could deceive.

A host is stored in ASCII. A label with other letters then begins with "xn--". It is
shown with these letters, unless readers could take it for another name. The rules
follow UTS #39 (unicode.org/reports/tr39), as those of browsers do: see
"Internationalized Domain Names in Google Chrome", and Mozilla's "IDN Display
Algorithm". In doubt, the label stays in ASCII.
"""

import re
from functools import cache, lru_cache
from itertools import pairwise
from unicodedata import category, decomposition

from ada_url import idna

from page_tracker.counting.page_names import PageNameError, parse_site

_ENCODED = "xn--"
_LATIN = "a-zßæðøþđħıłŋœŧə"
_HAN = "々〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
# All letters of a label are in one of these sets (UTS #39, 5.2: "highly restrictive").
# The sets have the letters in everyday use. A letter with an accent is in a set if the
# letter without it is. The names of the sets only tell them apart.
_SCRIPTS = {
    "Latin": _LATIN,
    "Greek": "α-ω",
    "Cyrillic": "а-џґ-ӿԑ-ԯ",
    "Armenian": "ա-ֆ",
    "Georgian": "ა-ჰ",
    "Hebrew": "\u05d0-\u05ea",
    # Without vowel signs, which names do not have (RFC 5564, 2).
    "Arabic": "\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff"
    "\u0750-\u077f",
    "Thaana": "\u0780-\u07b1",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f00-\u0fff",
    "Myanmar": "\u1000-\u109f",
    "Ethiopic": "\u1200-\u139f",
    "Khmer": "\u1780-\u17ff",
    "Japanese": f"a-z{_HAN}ぁ-ゖゝゞァ-ヺー-ヾ",
    "Bopomofo": f"a-z{_HAN}ㄅ-ㄯㆠ-ㆿ",
    "Korean": f"a-z{_HAN}가-힣",
}
# Letters that look like ASCII, some of them only in a plain font or a small size. The
# source is confusables.txt of UTS #39, with letters that browsers add.
_LOOK_ALIKES = frozenset(
    "ıþəð"
    "αγηικνορστυχω"
    "абгеопрсухъьюѕіјћєҏҍґғҫүұҳһҽҿӏӕөӻӽӿԗԛԝԥ"
    "ագզլհյոռսցւքօ"
    "იოყძხ"
    "\u05d3\u05d5\u05d7\u05d9\u05df\u05e1"
    "\u0627\u0647"
    "ऽટડଃଠடபಽംഠടധခဂငပဝ"
    "ดทนบปพฟมรลหเแທບພຟຣຮ"
    "ሀሁሆሠሰበዐዘፐ"
    "〇"
)
# These look like small capitals. They make "сом" look like "com", but "москва" like
# nothing in Latin.
_SMALL_CAPITALS = frozenset("вкмнт")
# Where readers know these Latin letters, because they write with them.
_HOMES = {"ı": ("az", "tr"), "ə": ("az",), "ð": ("fo", "is"), "þ": ("is",)}
# These top-level domains exist, and those that they look like do not.
_KNOWN_TOPS = ("бг", "ею", "ком", "мон", "москва", "орг", "рус", "срб", "укр", "հայ")
# Letters of East Asia that look like ASCII or punctuation beside it.
_SIGNS = "〇エニロ一丁七丅丆丨丩丫丶丿乀乁乂乛二十口工讠ㄈㄒㄚㄟㄧㄨㄩㆳㆺ"
_MISLEADING = re.compile(
    f"[!-~][{_SIGNS}ソゾノン]|[{_SIGNS}][!-~]"
    # These lengthen or repeat kana, and otherwise look like punctuation.
    "|(?<![ぁ-ゖァ-ヺー])ー|(?<![ァ-ヺー])[ヽヾ]"
    # These look the same in both syllabaries, and are in a word of the other one.
    "|[ぁ-ゖ][ヘベペ]|[ヘベペ][ぁ-ゖ]|[ァ-ヺー][へべぺ][ァ-ヺ]"
    # A single letter among digits looks like one of them.
    "|^(?=.*[0-9])[0-9-]*[^0-9-][0-9-]*$"
)
# Each mark belongs to a letter, which has at most four (UTS #39, 5.4). Only the digits
# of ASCII are allowed, because many others look like letters or other digits.
_KINDS = re.compile("(?:A|LM{0,4})+")


def readable_host(site: str) -> str:
    """Return a site as people write it: bücher.example for xn--bcher-kva.example.

    A port stays. A label stays in ASCII if its letters could deceive: if they belong to
    several scripts, except as usual in Japanese, Korean and Chinese; if all look like
    ASCII; if one is invisible or out of use; or if marks or digits are unusual. The
    result denotes the same site.
    """
    return _decoded(site) if _ENCODED in site else site


# The dashboard asks for the same names again and again.
@lru_cache(maxsize=4096)
def _decoded(site: str) -> str:
    host, colon, port = site.partition(":")
    labels = host.split(".")
    decoded = [idna.decode(each) if _ENCODED in each else each for each in labels]
    shown = [
        own if _is_clear(own, decoded[-1]) else label
        for label, own in zip(labels, decoded, strict=True)
    ]
    readable = f"{'.'.join(shown)}{colon}{port}"
    try:
        return readable if parse_site(readable) == site else site
    except PageNameError:
        return site


def _is_clear(label: str, top: str) -> bool:
    """Return whether a label, below this top-level label, cannot deceive.

    A label that looks like ASCII is clear if the top-level label shows its script.
    """
    script = _script(label)
    if script is None or _MISLEADING.search(label) or not _has_usual_marks(label):
        return False
    return _stands_out(label, top) or (script == _script(top) and _stands_out(top, top))


def _script(label: str) -> str | None:
    found = _label().fullmatch("".join(map(_base, label)))
    return found and found.lastgroup


@cache
def _label() -> re.Pattern[str]:
    """Return what matches a label in one script. Few servers need it at their start."""
    return re.compile(
        "|".join(f"(?P<{name}>[{letters}0-9-]+)" for name, letters in _SCRIPTS.items())
    )


def _base(letter: str) -> str:
    """Return the letter without the accents that are part of it."""
    while (parts := decomposition(letter)) and not parts.startswith("<"):
        letter = chr(int(parts.split()[0], 16))
    return letter


def _has_usual_marks(label: str) -> bool:
    kinds = ["A" if each.isascii() else category(each)[0] for each in label]
    return bool(_KINDS.fullmatch("".join(kinds))) and not any(
        one == other and category(other).startswith("M")
        for one, other in pairwise(label)
    )


def _stands_out(label: str, top: str) -> bool:
    """Return whether the label has a letter that does not look like ASCII.

    A top-level label has to differ more, because the other labels rely on it.
    """
    alike = _LOOK_ALIKES
    if label == top:
        if top in _KNOWN_TOPS:
            return True
        alike |= _SMALL_CAPITALS
    return any(
        not each.isascii() and (_base(each) not in alike or top in _HOMES.get(each, ()))
        for each in label
    )

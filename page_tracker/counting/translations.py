"""Hosts of Google Translate, which stand for the hosts that they translate.

The encoding is documented by Google: developers.google.com/search/docs/appearance,
"Enabling your ad network to work with translation-related Google Search features".
"""

import re

from ada_url import idna

_SUFFIX = ".translate.goog"
# A letter or digit is on both sides of a hyphen that stands for a dot.
_DOT = re.compile(r"\b-\b")
# A hyphen is at the third and the fourth place, as in a-b.example, where it would
# announce an encoding (RFC 5891, 4.2.3.1).
_MOVED = re.compile("1-(?=..--)")


def translated_host(host: str) -> str:
    """Return the host that Google Translate shows under this one.

    Return the host itself if it is not one of Google Translate.

    A parameter of the query says what the prefixes "0-" and "1-" mean, but pages are
    counted without it. So a prefix counts only if it fits the rest of the name.
    """
    label = host.removesuffix(_SUFFIX)
    if label == host or "." in label:
        return host
    original = _decode(_MOVED.sub("", label, count=1))
    # Only whole names are translated, and none of Google Translate.
    if "." not in original or original.endswith(_SUFFIX):
        return host
    return original


def _decode(label: str) -> str:
    name = label.removeprefix("0-")
    name = _DOT.sub(".", name).replace("--", "-")
    if not label.startswith("0-"):
        return name
    international = f"xn--{name}"
    # Only an international name is different in Unicode.
    first = international.partition(".")[0]
    return international if idna.decode(first) != first else f"0.{name}"

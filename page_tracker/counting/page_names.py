"""How people name a page, and the one name that it has here.

Paths that RFC 3986 (6.2.2) takes for the same become the same, and hosts that UTS #46
does, if IDNA 2008 allows them. What tells http from https, or who asks, is left out.
"""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address
from string import ascii_letters, digits
from urllib.parse import quote, unquote_to_bytes

import idna

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.parsing import quoted

MOST_BYTES = 2048

_SCHEME = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?//", re.IGNORECASE)
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# A path that is as it should be, and has no dot segments.
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?(?<=.)")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")
# Beside the unreserved, what a path may hold as it is (pchar and "/"), and the "%" of
# what is escaped already.
_KEPT_IN_PATHS = "!$&'()*+,;=:@/%"
_PORTS_OF_THE_WEB = ("", "80", "443")
_SCHEMES = ("http", "https")
_LONGEST_HOST = 253
_MOST_REMEMBERED = 256


class PageNameError(ValueError):
    """This is no name of a page. Its text says why, and what is allowed."""


def parse_page(name: str) -> Page:
    """Return the page of a name such as example.com/blog/post, or of a full URL.

    Scheme, user, query, fragment and the ports 80 and 443 are dropped; the site is the
    host in lower case and in ASCII, and the path is percent-encoded, where it must be,
    without dot segments. Raises PageNameError.
    """
    name = re.split("[?#]", name, maxsplit=1)[0]
    # Long ones are rare, and would take much memory to remember.
    return _parse_known(name) if len(name) <= _MOST_REMEMBERED else _parse(name)


def _parse(name: str) -> Page:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise PageNameError("not valid UTF-8") from None
    if _has_controls(name):
        raise PageNameError("a control character in it; allowed: none")
    scheme = _SCHEME.match(name)
    if scheme and scheme[1] and scheme[1].lower() not in _SCHEMES:
        raise PageNameError(
            f"a scheme {quoted(scheme[1])}; allowed: http, https or none"
        )
    authority, slash, path = name[scheme.end() if scheme else 0 :].partition("/")
    if authority.lower().removesuffix(":") in _SCHEMES and authority.endswith(":"):
        raise PageNameError(f"no host after {authority!r}; allowed: {authority}//host")
    user, at, host = authority.rpartition("@")
    if at and not scheme:
        raise PageNameError(f"a user {quoted(user)}; allowed: in a whole URL alone")
    page = Page(parse_site(host), _path(slash + path))
    if len(str(page)) > MOST_BYTES:
        raise PageNameError(f"longer than {MOST_BYTES} bytes, which are allowed")
    return page


_parse_known = lru_cache(maxsize=1024)(_parse)


def parse_site(text: str) -> str:
    """Return the name of a site: its host, and its port unless that is 80 or 443.

    Raises PageNameError.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    if port and not (re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536):
        raise PageNameError(f"a port {quoted(port)}; allowed: a number up to 65535")
    port = port and str(int(port))
    host = _host(host)
    return host if port in _PORTS_OF_THE_WEB else f"{host}:{port}"


# A file has the pages of one day again on the next.
@lru_cache(maxsize=16_384)
def parse_own_page(name: str) -> Page:
    """Return the page of a name or URL, as parse_page() does.

    Raises PageNameError.
    """
    return FRONT_PAGE if name == str(FRONT_PAGE) else parse_page(name)


def escaped(text: str) -> str:
    """Write a part of a path as paths are kept: percent-encoded where it must be."""
    return quote(_PERCENT.sub(_normal_escape, text), safe=_KEPT_IN_PATHS)


def _host(text: str) -> str:
    if text.startswith("["):
        return f"[{_ipv6_address(text)}]"
    host = text.lower()
    # Before it is encoded, which may take long for what is long.
    if len(text) > _LONGEST_HOST + 1:
        raise PageNameError(
            f"a host {quoted(text)}; allowed: {_LONGEST_HOST} characters"
        )
    if not host.isascii():
        try:
            host = idna.encode(text, uts46=True).decode()
        except idna.IDNAError as error:
            raise PageNameError(f"a host {quoted(text)}: {error}") from None
    # The root of the name service: a host is the same with it and without.
    host = host.removesuffix(".")
    if len(host) > _LONGEST_HOST or not _LABELS.fullmatch(host):
        raise PageNameError(
            f"a host {quoted(text)}; allowed: a name such as example.com"
        )
    return host


def _ipv6_address(text: str) -> IPv6Address:
    try:
        address = IPv6Address(text[1:-1])
        if address.scope_id is None and text.endswith("]"):
            return address
    except ValueError:
        pass
    raise PageNameError(f"a host {quoted(text)}; allowed in brackets: an IPv6 address")


def _path(text: str) -> str:
    if _PLAIN_PATH.fullmatch(text):
        return text
    try:
        if _has_controls(unquote_to_bytes(text).decode()):
            raise PageNameError("a control character in its path; allowed: none")
    except UnicodeDecodeError:
        raise PageNameError("a path that is not valid UTF-8") from None
    return _without_dots(escaped(text))


def _normal_escape(escape: re.Match[str]) -> str:
    """Undo an escape that need not be; a percent sign that escapes nothing is one."""
    if not escape[1]:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_dots(path: str) -> str:
    """Resolve "." and ".." as RFC 3986 does (5.2.4)."""
    kept: list[str] = []
    _, *segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if not segments or segments[-1] in (".", ".."):
        kept.append("")
    return f"/{'/'.join(kept)}"


def _has_controls(text: str) -> bool:
    return not text.isprintable() and any(
        unicodedata.category(character) == "Cc" for character in text
    )

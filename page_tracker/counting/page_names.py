"""Normalize the names of pages, so that each page has exactly one name.

Paths are normalized by RFC 3986 (6.2.2). Hosts are mapped by UTS #46 and must be valid
by IDNA 2008 (RFC 5891). The scheme and the user are dropped.
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

MAX_BYTES = 2048

MAX_CACHED_LENGTH = 256
"""Longer names are rare, and would take much memory in a cache."""

_SCHEME = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?//", re.IGNORECASE)
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# A path that needs no normalization.
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?(?<=.)")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")
# These characters of a path are not escaped, nor are the unreserved ones: the rest of
# pchar (RFC 3986, 3.3), the separator "/", and "%", which begins an escape.
_SAFE_IN_PATHS = "!$&'()*+,;=:@/%"
_DEFAULT_PORTS = ("", "80", "443")
_EXAMPLE = "a name such as example.com"
_SCHEMES = ("http", "https")
_MAX_HOST_LENGTH = 253


class PageNameError(ValueError):
    """A name of a page is not valid. The text says why, and what is allowed."""


def parse_page(name: str) -> Page:
    """Return the page that a name such as example.com/blog/post or a URL denotes.

    The scheme, the user, the query, the fragment and the ports 80 and 443 are dropped.
    The site is the host in lower case and in ASCII. The path has no dot segments, and
    is percent-encoded where necessary. Raises PageNameError.
    """
    name = re.split("[?#]", name, maxsplit=1)[0]
    return _parse_cached(name) if len(name) <= MAX_CACHED_LENGTH else _parse(name)


def _parse(name: str) -> Page:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise PageNameError(
            "the name is not valid UTF-8; allowed: valid UTF-8"
        ) from None
    if _has_control_characters(name):
        raise PageNameError(
            "the name contains a control character; allowed: text without any"
        )
    scheme = _SCHEME.match(name)
    if scheme and scheme[1] and scheme[1].lower() not in _SCHEMES:
        raise PageNameError(
            f"the scheme {quoted(scheme[1])} is not valid; allowed: http, https or none"
        )
    authority, slash, path = name[scheme.end() if scheme else 0 :].partition("/")
    if authority.lower().removesuffix(":") in _SCHEMES and authority.endswith(":"):
        raise PageNameError(
            f"the host is missing after {authority!r}; allowed: two slashes and a host"
        )
    _, at, host = authority.rpartition("@")
    if at and not scheme:
        # Not quoted: the user may come with a password.
        raise PageNameError(
            "a user needs a scheme before it; allowed: a whole URL, or no user"
        )
    page = Page(parse_site(host), _normalize_path(slash + path))
    if len(str(page)) > MAX_BYTES:
        raise PageNameError(f"the name is too long; allowed: at most {MAX_BYTES} bytes")
    return page


_parse_cached = lru_cache(maxsize=1024)(_parse)


def parse_site(text: str) -> str:
    """Return the site that a host, with or without a port, denotes.

    The ports 80 and 443 are dropped.

    Raises PageNameError.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    if port and not (re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536):
        raise PageNameError(
            f"the port {quoted(port)} is not valid; allowed: a number from 0 to 65535"
        )
    port = port and str(int(port))
    host = _parse_host(host)
    return host if port in _DEFAULT_PORTS else f"{host}:{port}"


def parse_own_page(name: str) -> Page:
    """Return the page that a name or URL denotes, or the front page for "/".

    Raises PageNameError.
    """
    return FRONT_PAGE if name == str(FRONT_PAGE) else parse_page(name)


def escaped(text: str) -> str:
    """Return part of a path, percent-encoded where necessary, as paths are stored."""
    return quote(_PERCENT.sub(_normalize_escape, text), safe=_SAFE_IN_PATHS)


def _parse_host(text: str) -> str:
    if text.startswith("["):
        return f"[{_parse_ipv6_address(text)}]"
    host = text.lower()
    # Checked before IDNA encoding, which takes long for a long host.
    if len(text) > _MAX_HOST_LENGTH + 1:
        raise PageNameError(
            f"the host {quoted(text)} is too long; "
            f"allowed: at most {_MAX_HOST_LENGTH} characters"
        )
    if not host.isascii():
        try:
            host = idna.encode(text, uts46=True).decode()
        except idna.IDNAError as error:
            raise PageNameError(
                f"the host {quoted(text)} is not valid ({error}); "
                f"allowed: {_EXAMPLE}"
            ) from None
    # A trailing dot denotes the DNS root. The host is the same without it.
    host = host.removesuffix(".")
    if not text:
        raise PageNameError(f"the host is missing; allowed: {_EXAMPLE}")
    if len(host) > _MAX_HOST_LENGTH or not _LABELS.fullmatch(host):
        raise PageNameError(
            f"the host {quoted(text)} is not valid; allowed: {_EXAMPLE}"
        )
    return host


def _parse_ipv6_address(text: str) -> IPv6Address:
    try:
        address = IPv6Address(text[1:-1])
        if address.scope_id is None and text.endswith("]"):
            return address
    except ValueError:
        pass
    raise PageNameError(
        f"the host {quoted(text)} is not valid; allowed: an IPv6 address in brackets"
    )


def _normalize_path(text: str) -> str:
    if _PLAIN_PATH.fullmatch(text):
        return text
    try:
        if _has_control_characters(unquote_to_bytes(text).decode()):
            raise PageNameError(
                "the path contains a control character; allowed: text without any"
            )
    except UnicodeDecodeError:
        raise PageNameError(
            "the path is not valid UTF-8; allowed: valid UTF-8"
        ) from None
    return _remove_dot_segments(escaped(text))


def _normalize_escape(escape: re.Match[str]) -> str:
    """Normalize an escape (RFC 3986, 6.2.2): decode it if it need not be escaped.

    A percent sign that does not begin an escape becomes %25.
    """
    if not escape[1]:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _remove_dot_segments(path: str) -> str:
    """Remove the segments "." and ".." by RFC 3986 (5.2.4)."""
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


def _has_control_characters(text: str) -> bool:
    return not text.isprintable() and any(
        unicodedata.category(character) == "Cc" for character in text
    )

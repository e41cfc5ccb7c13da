"""Normalize the names of pages, so that each page has exactly one name.

Hosts are those of the URL Standard (url.spec.whatwg.org), as browsers have them. Paths
are normalized by RFC 3986 (6.2.2). The scheme and the user are dropped.
"""

import re
from string import ascii_letters, digits
from urllib.parse import quote

import ada_url

from page_tracker.counting.model import Page
from page_tracker.counting.parsing import quoted
from page_tracker.counting.translations import translated_host

MAX_BYTES = 2048

# URL Standard, 4.4: around a URL, browsers ignore control characters and spaces. Within
# it, they ignore tabs and newlines, and they take a backslash for a slash.
_BLANKS = "".join(map(chr, range(0x21)))
_IGNORED = str.maketrans({"\t": None, "\n": None, "\r": None})
# After its scheme, a web URL has two slashes, but browsers accept any number of them.
_WEB = re.compile("https?:/*|//", re.IGNORECASE)
_SCHEME = re.compile("([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# The URL Standard allows more characters, but no name on the web has them.
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
# A host that ends in a number is an IPv4 address, in one of several notations.
_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")
_DELIMITER = re.compile(r"[/\\?#@:\t\n\r]")
_IN_BRACKETS = re.compile(r"\[[0-9a-f:.]+\]", re.IGNORECASE)
# A path that needs no normalization.
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?(?<=.)")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")
# These characters of a path are not escaped, nor are the unreserved ones: the rest of
# pchar (RFC 3986, 3.3), the separator "/", and "%", which begins an escape.
_SAFE_IN_PATHS = "!$&'()*+,;=:@/%"
_DEFAULT_PORTS = ("", "80", "443")
_EXAMPLE = "a name such as example.com"
_ADDRESS = "an IPv6 address in brackets"
# The limits of DNS (RFC 1035, 2.3.4).
_MAX_HOST_LENGTH = 253
_MAX_LABEL_LENGTH = 63


class PageNameError(ValueError):
    """A name of a page is not valid. The text says why, and what is allowed."""


def parse_page(name: str) -> Page:
    """Return the page that a name such as example.com/blog/post or a URL denotes.

    The scheme, the user, the query, the fragment, the ports 80 and 443, and blanks
    around the name are dropped. The site is the host in lower case and in ASCII. The
    path has no dot segments, and is percent-encoded where necessary. Percent-encoded
    bytes that are not UTF-8 stay as they are. Raises PageNameError.
    """
    name = re.split("[?#]", without_blanks(name), maxsplit=1)[0].replace("\\", "/")
    web = _WEB.match(name)
    scheme = _SCHEME.match(name)
    if scheme and not web:
        raise PageNameError(
            f"the scheme {quoted(scheme[1])} is not valid; allowed: http, https or none"
        )
    authority, slash, path = name[web.end() if web else 0 :].partition("/")
    _, at, host = authority.rpartition("@")
    if at and not web:
        # Not quoted: the user may come with a password.
        raise PageNameError(
            "a user needs a scheme before it; allowed: a whole URL, or no user"
        )
    page = Page(_parse_site(host, bool(web)), _normalize_path(slash + path))
    if len(str(page)) > MAX_BYTES:
        raise PageNameError(f"the name is too long; allowed: at most {MAX_BYTES} bytes")
    return page


def without_blanks(name: str) -> str:
    """Return a name or URL without the characters that a browser ignores in it."""
    name = name.strip(_BLANKS)
    return name if name.isprintable() else name.translate(_IGNORED)


def parse_site(text: str) -> str:
    """Return the site that a host, with or without a port, denotes.

    The ports 80 and 443 are dropped. A host of Google Translate denotes the site that
    is translated.

    Raises PageNameError.
    """
    return _parse_site(text.strip(_BLANKS), is_url=False)


def _parse_site(text: str, is_url: bool) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    number = port.lstrip("0") or port[-1:]
    if port and not (re.fullmatch("[0-9]{1,5}", number) and int(number) < 65536):
        raise PageNameError(
            f"the port {quoted(port)} is not valid; allowed: a number from 0 to 65535"
        )
    host = _parse_host(host, is_url)
    return translated_host(host) if number in _DEFAULT_PORTS else f"{host}:{number}"


def escaped(text: str) -> str:
    """Return part of a path, percent-encoded where necessary, as paths are stored.

    Raises PageNameError if the text cannot be encoded in UTF-8.
    """
    text = _PERCENT.sub(_normalize_escape, text)
    try:
        # PEP 383: bytes of the command line and of files that are not UTF-8.
        return quote(text, safe=_SAFE_IN_PATHS, errors="surrogateescape")
    except UnicodeEncodeError:
        raise PageNameError(
            "the name is not valid UTF-8; allowed: valid UTF-8"
        ) from None


def _parse_host(text: str, is_url: bool) -> str:
    """Return a host in its normal form, without a dot at its end.

    Outside of a URL, "2026" and "0x7f.1" may be namespaces of /hit, and stay as they
    are. In a URL, they are IPv4 addresses.
    """
    if not text:
        raise PageNameError(f"the host is missing; allowed: {_EXAMPLE}")
    # A dot at the end denotes the DNS root. The host is the same without it.
    host = text.lower().removesuffix(".")
    if not _NAME.fullmatch(host) or (is_url and _NUMBER.search(host)):
        host = _host_of_url(text).removesuffix(".")
    if host.startswith("["):
        return host
    if not _NAME.fullmatch(host):
        allowed = _ADDRESS if text.startswith("[") else _EXAMPLE
        raise PageNameError(f"the host {quoted(text)} is not valid; allowed: {allowed}")
    if not _fits_dns(host):
        raise PageNameError(
            f"the host {quoted(text)} is too long; allowed: at most "
            f"{_MAX_HOST_LENGTH} characters, and {_MAX_LABEL_LENGTH} between dots"
        )
    return host


def _fits_dns(host: str) -> bool:
    return len(host) <= _MAX_LABEL_LENGTH or (
        len(host) <= _MAX_HOST_LENGTH
        and max(map(len, host.split("."))) <= _MAX_LABEL_LENGTH
    )


def _host_of_url(text: str) -> str:
    """Return the host that a browser has for it. Return "" if no URL can have it."""
    try:
        if _DELIMITER.search(text) and not _IN_BRACKETS.fullmatch(text):
            return ""
        return ada_url.parse_url(f"http://{text}/", ("hostname",))["hostname"]
    except ValueError:
        return ""


def _normalize_path(text: str) -> str:
    if _PLAIN_PATH.fullmatch(text):
        return text
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

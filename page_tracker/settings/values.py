"""Parsers for the values of settings.

Each returns the value of a text. It raises ValueError if the text is wrong. The error
says what is allowed.
"""

import re
import secrets
from collections.abc import Callable
from datetime import tzinfo
from ipaddress import IPv6Address, ip_network
from zoneinfo import ZoneInfo

from page_tracker.counting.naming import Same
from page_tracker.counting.page_names import PageNameError, parse_site
from page_tracker.counting.parsing import parse_choice, parse_number, quoted
from page_tracker.counting.query_rule import QueryRule
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.counting.rules import Network
from page_tracker.counting.stored_names import OWN_SITE


def parse_host(text: str) -> str:
    """Return the name or address to listen on, an IPv6 address without brackets."""
    host = text.removeprefix("[").removesuffix("]")
    if re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        return host
    raise ValueError(
        f"{quoted(text)} is not allowed; allowed: a name or an address of this machine"
    )


def parse_public_url(text: str) -> str:
    """Return a URL such as https://counter.example, without a slash at its end."""
    scheme, separator, rest = text.partition("://")
    host, _, path = rest.partition("/")
    try:
        if separator and scheme.lower() in ("http", "https") and not path:
            scheme, site = scheme.lower(), parse_site(host)
            # A site has no default port, not even that of the other scheme.
            other_port = ":80" if scheme == "https" else ":443"
            port = other_port if host.endswith(other_port) else ""
            return f"{scheme}://{site}{port}"
        reason = f"{quoted(text)} is not allowed"
    except PageNameError as error:
        reason = str(error).partition(";")[0]
    raise ValueError(
        f"{reason}; allowed: a URL without a path, such as https://counter.example. "
        "A path belongs in PAGE_TRACKER_BASE_PATH"
    )


def parse_flag(text: str) -> bool:
    """Return whether the text is true, and not false."""
    return parse_choice(text, ("true", "false")) == "true"


def seconds_between(minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a parser for seconds within these limits, both included."""

    def parse(text: str) -> float:
        # float() would also accept "1e1", "nan" and "inf".
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) and (
            minimum <= float(text) <= maximum
        ):
            return float(text)
        raise ValueError(
            f"{quoted(text)} is not allowed; "
            f"allowed: a number of seconds from {minimum} to {maximum}"
        )

    return parse


def number_between(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a parser for a whole number within these limits, both included."""
    return lambda text: parse_number(text, minimum, maximum)


def parse_sites(text: str) -> frozenset[str]:
    """Return the sites of a list with commas. *.example.com means all subdomains."""
    sites = set()
    for name in text.split(","):
        name = name.strip()
        wildcard = "*." if name.startswith("*.") else ""
        if "/" in name:
            raise ValueError(f"{quoted(name)} is a URL; allowed: only its host")
        try:
            sites.add(wildcard + parse_site(name.removeprefix(wildcard)))
        except PageNameError as error:
            raise ValueError(
                f"{error}; separate several sites by commas: example.com,*.example.org"
            ) from None
    return frozenset(sites)


def parse_public(text: str) -> frozenset[str]:
    """Return the sites of a list with commas. ~ is the tracker's own site, "" here."""
    names = [name.strip() for name in text.split(",")]
    others = [name for name in names if name != OWN_SITE]
    sites = parse_sites(",".join(others)) if others else frozenset[str]()
    if any(site.startswith("*.") for site in sites):
        raise ValueError(
            f"{quoted(text)} has a *; allowed: the name of each site, separated by "
            "commas, such as example.com,www.example.org"
        )
    return sites | ({""} if OWN_SITE in names else set())


def parse_frames(text: str) -> tuple[str, ...]:
    """Return the origins of a list with commas, or only * for any origin."""
    if text == "*":
        return ("*",)
    try:
        return tuple(parse_public_url(origin.strip()) for origin in text.split(","))
    except ValueError:
        raise ValueError(
            f"{quoted(text)} is not allowed; allowed: * for all pages, or the URLs of "
            "hosts, separated by commas, such as https://example.com"
        ) from None


def parse_same_sites(text: str) -> dict[str, str]:
    """Return the sites of a list such as www.example.com=example.com, by other name."""
    same: dict[str, str] = {}
    for pair in text.split(","):
        names = pair.strip().split("=")
        if len(names) != 2 or "/" in pair:
            raise ValueError(
                f"{quoted(pair)} is not allowed; allowed: pairs of hosts, separated by "
                "commas, such as www.example.com=example.com"
            )
        other, site = map(parse_site, names)
        if same.setdefault(other, site) != site:
            raise ValueError(
                f"{readable_host(other)} stands for two sites; allowed: one"
            )
    for other, site in same.items():
        if site in same:
            raise ValueError(
                f"{readable_host(other)} stands for {readable_host(site)}, which "
                f"stands for {readable_host(same[site])}; allowed: a site that does "
                "not stand for another one"
            )
    return same


def parse_same_pages(text: str) -> frozenset[Same]:
    """Return the differences of a list such as slash,index,case."""
    allowed = [same.value for same in Same]
    return frozenset(
        Same(parse_choice(name.strip(), allowed)) for name in text.split(",")
    )


def parse_query_rule(text: str) -> QueryRule:
    """Return the rule of a text such as p,page_id or *,-ref."""
    first, *others = [name.strip() for name in text.split(",")]
    # Names are not escaped here. A "-" before the first means all but it elsewhere.
    if first == "*":
        names, allowed = others, r"-([^\s&=#*?%]+)"
    else:
        names, allowed = [first, *others], r"([^\s&=#*?%-][^\s&=#*?%]*)"
    found = [re.fullmatch(allowed, name) for name in names]
    if None not in found:
        return QueryRule(frozenset(each[1] for each in found if each), first == "*")
    raise ValueError(
        f"{quoted(text)} is not allowed; allowed: names of parameters, separated by "
        "commas, such as p,page_id; or * for all but those of campaigns; or *,-ref for "
        "all but those and ref"
    )


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in a list with commas. An address is a network, too."""
    try:
        return tuple(_parse_network(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise ValueError(
            f"{error}; allowed: addresses and networks, separated by commas, "
            "such as 192.0.2.1,2001:db8::/32"
        ) from None


def _parse_network(text: str) -> Network:
    network = ip_network(text)
    address = network.network_address
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        raise ValueError(f"{text!r} is an IPv4 address written as IPv6")
    return network


def parse_timezone(text: str) -> tzinfo:
    """Return the time zone with a name of the IANA time zone database."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"{text!r} is not a time zone; allowed: a name such as UTC or Europe/Berlin"
        ) from None


def parse_base_path(text: str) -> str:
    """Return the path without a slash at its end; "/" becomes empty."""
    path = text.removesuffix("/")
    own = r"/(api|dashboard|get|healthz|hit|metrics|readyz|robots|shared|track|views)\b"
    if re.match(own, path):
        raise ValueError(
            f"{quoted(path)} is a path of the tracker itself; "
            "allowed: another path, such as /counter"
        )
    if re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", path):
        return path
    raise ValueError(f"{quoted(text)} is not allowed; allowed: a path such as /counter")


def new_token() -> str:
    """Return a new random token that parse_token() accepts. It needs no quotes."""
    return secrets.token_urlsafe()


def parse_token(text: str) -> str:
    """Return the token, if it is long enough for a secret."""
    if text.startswith("PAGE_TRACKER_TOKEN="):
        raise ValueError(
            "the token begins with the name of the variable; "
            "allowed: only what is after PAGE_TRACKER_TOKEN="
        )
    if re.fullmatch("[!-~]{16,256}", text):
        return text
    # Not quoted, because the text is a secret or was meant to be one.
    raise ValueError(
        "the token is not valid; "
        "allowed: 16 to 256 printable ASCII characters without spaces"
    )

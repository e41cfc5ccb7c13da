"""The names of referrers: the sites whose pages link to the viewed ones."""

import re

from page_tracker.counting.local_hosts import is_local
from page_tracker.counting.page_names import PageNameError, parse_page
from page_tracker.counting.parsing import quoted

OTHERS = "*"
"""Stands for the referrers beyond the limit. No host has this name."""

_ORIGIN = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?[^/\\?#]*", re.I)
# What an app of Android sends as its name (developer.android.com, EXTRA_REFERRER).
_APP = "android-app://"
_ADDRESS = re.compile(r"\[|[0-9.]+$")
# In companies and homes, these serve as top-level domains (RFC 6762, appendix G).
_PRIVATE_DOMAINS = (".corp", ".home", ".intranet", ".lan", ".private", ".localdomain")

# Hosts that serve the same site to phones.
_PREFIXES = ("www.", "m.", "mobile.", "amp.")
# Below these, anybody can register a name, so "m.co.uk" is a site of its own.
_REGISTRY = re.compile(r"(?:ac|co|com|edu|gov|ne|net|or|org)\.[a-z]{2}")

# Hosts of redirects, of earlier names and of apps, each with the site that people know.
_SAME = {
    "away.vk.com": "vk.com",
    "com.andrewshu.android.reddit": "reddit.com",
    "com.facebook.katana": "facebook.com",
    "com.google.android.gm": "mail.google.com",
    "com.google.android.googlequicksearchbox": "google.com",
    "com.instagram.android": "instagram.com",
    "com.laurencedawson.reddit_sync": "reddit.com",
    "com.linkedin.android": "linkedin.com",
    "com.pinterest": "pinterest.com",
    "com.reddit.frontpage": "reddit.com",
    "com.slack": "slack.com",
    "com.twitter.android": "x.com",
    "discordapp.com": "discord.com",
    "fb.com": "facebook.com",
    "fb.me": "facebook.com",
    "instagr.am": "instagram.com",
    "lnkd.in": "linkedin.com",
    "org.telegram.messenger": "telegram.org",
    "org.telegram.messenger.web": "telegram.org",
    "pin.it": "pinterest.com",
    "redd.it": "reddit.com",
    "slack-redir.net": "slack.com",
    "t.co": "x.com",
    "t.me": "telegram.org",
    "threads.net": "threads.com",
    "twitter.com": "x.com",
    "wap.sogou.com": "sogou.com",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
    "youtu.be": "youtube.com",
}
# All hosts below these belong to one site: its languages, its redirects, its teams.
_WHOLE = frozenset(
    (
        "bing.com",
        "discord.com",
        "duckduckgo.com",
        "facebook.com",
        "fb.com",
        "fb.me",
        "instagram.com",
        "linkedin.com",
        "messenger.com",
        "pinterest.com",
        "redd.it",
        "reddit.com",
        "search.yahoo.com",
        "slack.com",
        "telegram.org",
        "threads.com",
        "threads.net",
        "twitter.com",
        "x.com",
        "youtube.com",
    )
)
# One site has a domain in each country. Which of them a reader used says where the
# reader is, and not which site linked to the page.
_COUNTRIES = re.compile(r"(google|pinterest|yandex)\.(?:com?\.)?[a-z]{2}")
_HOMES = {"yandex": "yandex.ru"}


def origin_of(text: str) -> str:
    """Return the beginning of a URL that has its host, or a host as it is."""
    origin = _ORIGIN.match(text.strip())
    return origin[0] if origin else text


def parse_host(text: str) -> str:
    """Return the host that a host or a URL denotes, normalized as that of a page.

    An app of Android has a name in its place. The port is dropped. Addresses and hosts
    of private networks are refused: they say who the reader is, and nobody can follow
    a link to them. Raises PageNameError.
    """
    site = parse_page(text.removeprefix(_APP)).site
    host = site if site.endswith("]") else site.partition(":")[0]
    if is_local(host) or host.endswith(_PRIVATE_DOMAINS) or _ADDRESS.match(host):
        raise PageNameError(
            f"the host {quoted(host)} is not public; allowed: a name of the web"
        )
    return host


def folded(host: str) -> str:
    """Return the name of a normalized host, which is that of the site it belongs to."""
    # Wikimedia has its hosts for phones below those of the languages.
    host = host.replace(".m.wik", ".wik")
    for prefix in _PREFIXES:
        shorter = host.removeprefix(prefix)
        if shorter != host and "." in shorter and not _REGISTRY.fullmatch(shorter):
            return folded(shorter)
    if country := _COUNTRIES.fullmatch(host):
        return _HOMES.get(country[1], f"{country[1]}.com")
    labels = host.split(".")
    for begin in range(len(labels) - 1):
        parent = ".".join(labels[begin:])
        if parent in _WHOLE:
            host = parent
    return _SAME.get(host, host)

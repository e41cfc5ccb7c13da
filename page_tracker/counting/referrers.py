"""The names of referrers: the sites whose pages link to the viewed ones."""

from page_tracker.counting.page_names import parse_page

OTHERS = "*"
"""Stands for the referrers beyond the limit. No host has this name."""

# Hosts that serve the same site to phones, or that only redirect.
_PREFIXES = ("www.", "m.", "mobile.", "amp.")

# Hosts of redirects, of earlier names and of apps, each with the site that people know.
# An app of Android sends android-app://NAME/ (developer.android.com, EXTRA_REFERRER).
_SAME = {
    "away.vk.com": "vk.com",
    "com.facebook.katana": "facebook.com",
    "com.google.android.gm": "mail.google.com",
    "com.google.android.googlequicksearchbox": "google.com",
    "com.linkedin.android": "linkedin.com",
    "com.reddit.frontpage": "reddit.com",
    "com.slack": "slack.com",
    "com.twitter.android": "x.com",
    "l.facebook.com": "facebook.com",
    "l.instagram.com": "instagram.com",
    "l.messenger.com": "messenger.com",
    "l.threads.com": "threads.com",
    "l.threads.net": "threads.com",
    "lm.facebook.com": "facebook.com",
    "lnkd.in": "linkedin.com",
    "new.reddit.com": "reddit.com",
    "old.reddit.com": "reddit.com",
    "org.telegram.messenger": "telegram.org",
    "out.reddit.com": "reddit.com",
    "slack-redir.net": "slack.com",
    "t.co": "x.com",
    "t.me": "telegram.org",
    "threads.net": "threads.com",
    "touch.facebook.com": "facebook.com",
    "twitter.com": "x.com",
    "web.facebook.com": "facebook.com",
    "youtu.be": "youtube.com",
}


def parse_referrer(text: str) -> str:
    """Return the name of the referrer that a host or a URL denotes.

    It is the host, normalized as that of a page, and without prefixes such as "www.".
    Hosts that belong to one site have the name of that site. Raises PageNameError.
    """
    _, separator, rest = text.partition("android-app://")
    return folded(parse_page(rest if separator else text).site)


def folded(host: str) -> str:
    """Return the name of a normalized host."""
    for prefix in _PREFIXES:
        shorter = host.removeprefix(prefix)
        # "m.de" is a site, and not the phones' version of another one.
        if shorter != host and "." in shorter:
            return _SAME.get(host) or folded(shorter)
    return _SAME.get(host, host)

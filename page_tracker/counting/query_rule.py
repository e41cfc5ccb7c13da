"""Which parameters of a query are part of the name of a page."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from page_tracker.counting.page_names import escaped

# Parameters that campaigns, advertisements, mail programs and translators add to links.
_CAMPAIGN = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|hsa|oly|vero|_hs\w|_x_tr)_\w*|_hsenc|_hsmi"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|srsltid|_ga|_gl|msclkid|yclid|ysclid"
    r"|_openstat|twclid|ttclid|igsh|igshid|li_fat_id|mc_cid|mc_eid|mkt_tok|epik"
    r"|rdt_cid|ScCid|s_cid|wickedid|ml_subscriber|ml_subscriber_hash"
)


@dataclass(frozen=True, slots=True)
class QueryRule:
    """Which parameters of a query are part of the name of a page. By default, none."""

    names: frozenset[str] = frozenset()
    """The parameters that are part of the name; or, with all_others, that are not."""

    all_others: bool = False
    """Whether all parameters are part of the name, except those in names."""

    campaigns: bool = False
    """With all_others, whether the parameters of campaigns are part of it, too."""

    def reduce(self, query: str) -> str:
        """Return the query with only these parameters, by name.

        Each is percent-encoded where necessary.
        """
        if not self.names and not self.all_others:
            return ""
        kept = []
        for parameter in query.split("&"):
            name, equals, value = parameter.partition("=")
            if name and self._keeps(unquote_plus(name)):
                # In a query, both stand for a space.
                value = value.replace("+", "%20")
                kept.append((escaped(name), f"{equals}{escaped(value)}"))
        # Several values of one parameter keep their order.
        kept.sort(key=lambda pair: pair[0])
        return "&".join(f"{name}{value}" for name, value in kept)

    def _keeps(self, name: str) -> bool:
        if not self.all_others:
            return name in self.names
        return name not in self.names and (
            self.campaigns or not _CAMPAIGN.fullmatch(name)
        )

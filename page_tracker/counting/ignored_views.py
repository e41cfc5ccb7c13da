"""Decide which views are ignored, and why."""

import re
from functools import cache, lru_cache

import crawleruseragents

from page_tracker.counting.client import Client
from page_tracker.counting.model import Ignored
from page_tracker.counting.rules import Rules

# People use these tools on purpose, although the list of crawlers contains them.
_TOOLS = re.compile(
    r"(?:Python/\S+ )?(?:curl|wget|httpie|python-requests|python-urllib|python-httpx"
    r"|aiohttp|axios|okhttp|node-fetch|got|go-http-client|apache-httpclient"
    r"|libwww-perl)(?:[/ ]|$)",
    re.IGNORECASE,
)

# Load balancers and orchestrators are not on the list of crawlers: ELB-HealthChecker,
# kube-probe, GoogleHC, Amazon-Route53-Health-Check-Service, Consul Health Check,
# DigitalOcean Uptime Probe, and Edge Health Probe, Load Balancer Agent, AlwaysOn and
# Microsoft-Azure-Application-LB of Azure.
_MONITORS = re.compile(
    r"health.?check|health.?probe|uptime|kube-probe|GoogleHC|Envoy/HC|Render/1"
    r"|Load Balancer Agent|Azure-Application-LB|Endpoint Monitor|\bmonit/|Gatus/"
    r"|Statping|NewRelicPinger|^AlwaysOn$|CloudWatchSynthetics/|OpenStatus/",
    re.IGNORECASE,
)


def reason_to_ignore(client: Client, rules: Rules) -> Ignored | None:
    """Return why a view by this client is ignored; None if it is not."""
    if client.prefetched:
        return Ignored.PREFETCH
    if rules.ignores(client.address):
        return Ignored.ADDRESS
    return _reason_against(client.agent) if not client.acts_for_many() else None


def is_tool(agent: str) -> bool:
    """Return whether an agent is a tool such as curl, which shows no pages."""
    return _TOOLS.match(agent) is not None


@lru_cache(maxsize=4096)
def _reason_against(agent: str) -> Ignored | None:
    if is_tool(agent):
        return None
    if _MONITORS.search(agent):
        return Ignored.MONITOR
    if not crawleruseragents.is_crawler(agent):
        return None
    return Ignored.MONITOR if _known_monitors().search(agent) else Ignored.CRAWLER


def compile_patterns() -> None:
    """Compile the patterns of crawlers, so that the first view need not wait for it."""
    crawleruseragents.is_crawler("")
    _known_monitors()


@cache
def _known_monitors() -> re.Pattern[str]:
    """Return what matches the monitors among the crawlers."""
    crawlers = crawleruseragents.CRAWLER_USER_AGENTS_DATA
    patterns = [each["pattern"] for each in crawlers if "monitoring" in each["tags"]]
    return re.compile("|".join(patterns))

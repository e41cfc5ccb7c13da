"""Tests of how visitors are identified, and of which views are ignored."""

from ipaddress import ip_network

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app
from page_tracker.counting.model import FRONT_PAGE, Ignored, View
from page_tracker.counting.rules import Rules
from page_tracker.counting.visitors import view_of
from page_tracker.web.request import Request

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def view(rules: Rules | None = None, **changed: str) -> View:
    """Return a view by a browser, with these changes to the WSGI environ."""
    environ = {
        "REQUEST_METHOD": "GET",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_USER_AGENT": CHROME,
        "wsgi.multiprocess": False,
    }
    rules = rules or Rules()
    client = Request(environ | changed).client(rules.trusted_proxies)
    return view_of(FRONT_PAGE, client, rules)


class TestVisitors:
    """Visitors are identified by their address and user agent."""

    def test_should_recognize_a_returning_visitor(self) -> None:
        assert view().visitor == view(PATH_INFO="/other").visitor

    @pytest.mark.parametrize(
        "changed",
        [
            {"REMOTE_ADDR": "192.0.2.2"},
            {"REMOTE_ADDR": ""},
            {"HTTP_USER_AGENT": "Browser/1.1"},
            {"HTTP_USER_AGENT": "\xff\n"},
        ],
    )
    def test_should_distinguish_visitors(self, changed: dict[str, str]) -> None:
        assert view(None, **changed).visitor != view().visitor

    def test_should_use_only_the_first_512_characters_of_the_agent(self) -> None:
        long = "x" * 512

        one, other = view(HTTP_USER_AGENT=f"{long}1"), view(HTTP_USER_AGENT=f"{long}2")
        bot = view(HTTP_USER_AGENT=f"{long} Googlebot/2.1")

        assert one.visitor == other.visitor
        assert bot.ignored is None

    @pytest.mark.parametrize("header", ["HTTP_DNT", "HTTP_SEC_GPC"])
    def test_should_not_identify_clients_that_opt_out_of_tracking(
        self, header: str
    ) -> None:
        assert view(None, **{header: "1"}).visitor is None
        assert view(None, **{header: "1"}).ignored is None
        assert view(None, **{header: "0"}).visitor is not None

    @pytest.mark.parametrize(
        "agent",
        [
            "github-camo (876de43e)",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 "
            "(via ggpht.com GoogleImageProxy)",
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            "go-camo (+https://github.com/cactus/go-camo)",
            "Camo Asset Proxy 2.3.0",
            "imgproxy/3.27.2",
            "Slack-ImgProxy (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; ImageFetcher/9.0; +http://images.weserv.nl/)",
            "Mozilla/5.0 (compatible; ImageFetcher/9.0; +http://wsrv.nl/)",
            "MisskeyMediaProxy/0.0.24",
            "Mozilla/5.0 (compatible; SeznamEmailProxy/2.0.157)",
            "FastmailUA/1.0",
            "Shortwave Image Fetcher",
            "Amazon CloudFront",
            "Photon/1.0",
            "image-resizing-proxy",
        ],
    )
    def test_should_not_identify_visitors_behind_an_image_proxy(
        self, agent: str
    ) -> None:
        proxied = view(HTTP_USER_AGENT=agent)

        assert (proxied.visitor, proxied.ignored) == (None, None)

    def test_should_count_visitors_of_the_front_page(self) -> None:
        backend = MemoryBackend()
        client = TestApp(create_app(backend=backend))

        for agent in ("one", "two", "one"):
            client.get("/", headers={"User-Agent": agent})
        client.get("/", headers={"User-Agent": "three", "DNT": "1"})

        tally = backend.tally(FRONT_PAGE, Rules().today())
        assert (tally.site_views, tally.site_visitors_today) == (4, 2)


class TestAddresses:
    """The address of the connection, or the one that trusted proxies forward."""

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "198.51.100.7", "192.0.2.1"),
            (1, "198.51.100.7", "198.51.100.7"),
            (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            (2, "6.6.6.6, 198.51.100.7,203.0.113.9", "198.51.100.7"),
            (3, "198.51.100.7", "198.51.100.7"),
            (1, "", "192.0.2.1"),
            (1, "198.51.100.7:4711", "198.51.100.7"),
            (1, "[2001:db8::1]:4711", "2001:db8::1"),
            (1, "2001:DB8:0:0::1", "2001:db8::1"),
            (1, "::ffff:198.51.100.7", "198.51.100.7"),
            (1, "unknown", "unknown"),
        ],
    )
    def test_should_count_proxies_from_the_right(
        self, proxies: int, forwarded: str, address: str
    ) -> None:
        proxied = view(Rules(trusted_proxies=proxies), HTTP_X_FORWARDED_FOR=forwarded)

        assert proxied.visitor == f"{address}\n{CHROME}"


class TestIgnored:
    """Views that are ignored, and the reasons."""

    @pytest.mark.parametrize(
        "agent",
        [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "GPTBot/1.2",
            "Scrapy/2.11 (+https://scrapy.org)",
            "curlbot/1.0 (+http://bot.example)",
        ],
    )
    def test_should_ignore_crawlers(self, agent: str) -> None:
        assert view(HTTP_USER_AGENT=agent).ignored is Ignored.CRAWLER

    @pytest.mark.parametrize(
        "agent",
        [
            "ELB-HealthChecker/2.0",
            "kube-probe/1.31",
            "GoogleHC/1.0",
            "AlwaysOn",
            "OpenStatus/1.0",
            "Mozilla/5.0 (X11) CloudWatchSynthetics/arn:aws:synthetics:us-east-1:1",
            "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/)",
            "Amazon-Route53-Health-Check-Service (ref 1; report http://amzn.to/1)",
            "Consul Health Check",
            "DigitalOcean Uptime Probe 0.22.0 (https://digitalocean.com)",
            "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "Mozilla/5.0 (compatible; Cloudflare-Healthchecks/1.0; healthcheck-id: 1)",
            "Azure Traffic Manager Endpoint Monitor",
            "Edge Health Probe",
            "Load Balancer Agent",
            "Microsoft-Azure-Application-LB/AGC",
            "Envoy/HC",
            "RailwayHealthCheck/1.0",
            "Render/1.0",
            "Uptime-Kuma/1.23.16",
            "check_http/v2.3 (monitoring-plugins 2.3)",
            "Blackbox Exporter/0.25.0",
            "Mozilla/5.0 (compatible; NodePing)",
            "Better Uptime Bot Mozilla/5.0 (Windows NT 10.0)",
        ],
    )
    def test_should_ignore_monitors(self, agent: str) -> None:
        assert view(HTTP_USER_AGENT=agent).ignored is Ignored.MONITOR

    @pytest.mark.parametrize(
        "agent",
        [
            CHROME,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) "
            "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
            "curl/8.5.0",
            "Wget/1.21.4",
            "python-requests/2.32.0",
            "Go-http-client/2.0",
            "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
            "got (https://github.com/sindresorhus/got)",
            "Python/3.11 aiohttp/3.9.1",
            "github-camo (876de43e)",
            "",
            "\xff\x00",
            "A" * 8000,
        ],
    )
    def test_should_not_ignore_browsers_and_command_line_tools(
        self, agent: str
    ) -> None:
        assert view(HTTP_USER_AGENT=agent).ignored is None

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("HTTP_SEC_PURPOSE", "prefetch"),
            ("HTTP_SEC_PURPOSE", "prefetch;prerender"),
            ("HTTP_SEC_PURPOSE", "prefetch;anonymous-client-ip"),
            ("HTTP_PURPOSE", "prefetch"),
            ("HTTP_X_PURPOSE", "preview"),
            ("HTTP_X_MOZ", "prefetch"),
        ],
    )
    def test_should_ignore_prefetched_pages(self, header: str, value: str) -> None:
        assert view(None, **{header: value}).ignored is Ignored.PREFETCH
        assert view(None, **{header: ""}).ignored is None

    @pytest.mark.parametrize(
        ("networks", "ignored"),
        [
            ("192.0.2.1", True),
            ("192.0.2.0/24", True),
            ("192.0.2.2", False),
            ("2001:db8::/32", False),
        ],
    )
    def test_should_ignore_configured_addresses(
        self, networks: str, ignored: bool
    ) -> None:
        rules = Rules(ignored_networks=(ip_network(networks),))

        assert view(rules).ignored == (Ignored.ADDRESS if ignored else None)
        assert view(rules, HTTP_X_MOZ="prefetch").ignored is Ignored.PREFETCH
        assert view(rules, REMOTE_ADDR="").ignored is None
        assert view(rules, REMOTE_ADDR="unknown").ignored is None

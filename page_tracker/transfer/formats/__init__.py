"""The formats of files: one module for each, and the list of all.

To add a format, add a module with a Format, and name it in the list.
"""

from page_tracker.transfer.formats.access_logs import (
    ACCESS_LOG,
    CADDY,
    CLOUDFRONT,
    TRAEFIK,
)
from page_tracker.transfer.formats.fathom import FATHOM
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.formats.goatcounter_csv import GOATCOUNTER_CSV
from page_tracker.transfer.formats.goatcounter_json import GOATCOUNTER_JSON
from page_tracker.transfer.formats.google_analytics import GOOGLE_ANALYTICS
from page_tracker.transfer.formats.matomo import MATOMO_CSV, MATOMO_JSON
from page_tracker.transfer.formats.own_csv import OWN_CSV
from page_tracker.transfer.formats.own_json import OWN_INCREMENT, OWN_JSON
from page_tracker.transfer.formats.plausible import PLAUSIBLE
from page_tracker.transfer.formats.simple_analytics import SIMPLE_ANALYTICS
from page_tracker.transfer.formats.umami_cloud import UMAMI_CLOUD
from page_tracker.transfer.formats.umami_pages import UMAMI_PAGES

__all__ = ["FORMATS", "Format"]

FORMATS: tuple[Format, ...] = (
    OWN_JSON,
    OWN_INCREMENT,
    OWN_CSV,
    GOATCOUNTER_CSV,
    GOATCOUNTER_JSON,
    PLAUSIBLE,
    UMAMI_CLOUD,
    UMAMI_PAGES,
    MATOMO_JSON,
    MATOMO_CSV,
    FATHOM,
    SIMPLE_ANALYTICS,
    GOOGLE_ANALYTICS,
    CADDY,
    TRAEFIK,
    CLOUDFRONT,
    ACCESS_LOG,
)
"""All formats. The first one that recognizes a document is used."""

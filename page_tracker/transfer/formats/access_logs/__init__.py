"""Access logs of web servers: one module for each kind of log, which reads its lines.

decision says which requests count, and reading sums them.
"""

from page_tracker.transfer.formats.access_logs.caddy import CADDY
from page_tracker.transfer.formats.access_logs.cloudfront import CLOUDFRONT
from page_tracker.transfer.formats.access_logs.plain import ACCESS_LOG
from page_tracker.transfer.formats.access_logs.traefik import TRAEFIK

__all__ = ["ACCESS_LOG", "CADDY", "CLOUDFRONT", "TRAEFIK"]

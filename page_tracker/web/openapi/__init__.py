"""The description of the routes for programs (OpenAPI 3.1)."""

from page_tracker.web.openapi.document import describe

__all__ = ["describe"]

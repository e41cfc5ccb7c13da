"""The handlers: one module for each family of URLs.

A handler takes a Request and returns a Response. page_tracker.web.routes assigns paths
to handlers.
"""

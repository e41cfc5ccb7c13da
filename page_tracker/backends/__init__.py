"""Where counts are kept: one protocol, and a module or folder for each backend.

Backends know nothing of HTTP. What a view or a page is belongs to
page_tracker.counting.
"""

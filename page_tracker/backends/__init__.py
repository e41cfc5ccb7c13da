"""The backends, which store counts: one protocol, and a module or folder for each.

Backends know nothing of HTTP. page_tracker.counting defines views and pages.
"""

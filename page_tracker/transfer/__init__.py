"""Counts in files: one module for each format, and the code that all formats share.

The commands that call these modules are in page_tracker.cli.
"""

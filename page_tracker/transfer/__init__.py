"""Counts in files: one module for each format, and what reading and writing need.

The commands that call these modules are in page_tracker.cli.
"""

"""Gunicorn, embedded: its settings with their reasons, its hooks and its worker.

Only this package imports Gunicorn and gevent. It does not handle requests:
page_tracker.web does.
"""

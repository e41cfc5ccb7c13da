"""Gunicorn, embedded: its settings with their reasons, its hooks and its worker.

Only this package imports Gunicorn and gevent. It knows nothing of requests: these
belong to page_tracker.web.
"""

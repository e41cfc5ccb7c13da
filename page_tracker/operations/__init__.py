"""The logs and the metrics of the tracker, for its operator.

page_tracker.backends stores the views.
"""

"""What an operator watches: the logs and the metrics of the tracker.

The views themselves are stored by page_tracker.backends.
"""

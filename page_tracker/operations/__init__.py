"""What the operator of the tracker watches: its logs and its metrics.

The views themselves belong elsewhere: page_tracker.backends keeps them.
"""

"""What the operator of the tracker watches: logs, metrics and the findings of doctor.

page_tracker.backends stores the views.
"""

"""What the operator watches: logs, metrics, the findings of doctor, and the terminal.

page_tracker.backends stores the views.
"""

"""The command line: page-tracker.

One module for each command, main.py, which runs them, and what several commands need.
What a command does with counts belongs to page_tracker.backends, and files of counts to
page_tracker.transfer.
"""

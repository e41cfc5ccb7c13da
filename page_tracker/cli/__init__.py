"""The command line: page-tracker.

Each command has a module, and main.py runs the commands. page_tracker.backends reads
and changes the counts, and page_tracker.transfer reads and writes files of counts.
"""

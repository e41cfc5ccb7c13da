"""The SQLite backend: counts in one file. Only this package imports apsw.

apsw contains its own SQLite, and does not hold Python's interpreter lock while SQLite
works or waits.
"""

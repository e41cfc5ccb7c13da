"""The formats of files: one module for each, and the list of all.

To add a format, add a module with a Format, and name it in the list.
"""

from page_tracker.transfer.formats.format import Format

FORMATS: tuple[Format, ...] = ()
"""All formats. The first one that recognizes a document is used."""

"""The formats of files: one module for each, and the list of all.

To add a format, add a module with a Format, and name it in the list.
"""

from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.formats.own_csv import OWN_CSV
from page_tracker.transfer.formats.own_json import OWN_INCREMENT, OWN_JSON

__all__ = ["FORMATS", "Format"]

FORMATS: tuple[Format, ...] = (OWN_JSON, OWN_INCREMENT, OWN_CSV)
"""All formats. The first one that recognizes a document is used."""

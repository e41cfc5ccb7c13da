"""Places in the documentation where figures are written."""

import re
from dataclasses import dataclass

from tests.project import ROOT


@dataclass(frozen=True, slots=True)
class Place:
    """A text in a file with a figure.

    In the text, {} stands for the figure, and … for the rest of a cell of a table.
    """

    file: str
    text: str

    def written(self) -> str:
        """Return the figure. Raises LookupError unless it is written there once."""
        document = " ".join((ROOT / self.file).read_text("utf-8").split())
        pattern = re.escape(self.text).replace("…", "[^|]*")
        found = re.findall(pattern.replace(r"\{\}", "([^|]+?)"), document)
        if len(found) != 1:
            raise LookupError(f"{self.file} contains {len(found)} times: {self.text}")
        figure: str = found[0]
        return figure

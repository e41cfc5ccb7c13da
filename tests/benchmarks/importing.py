"""python -m tests.benchmarks.importing BACKEND FOLDER ROWS: import files of many rows.

Each file has a page in each row, of a site that is new. Exits with an error if the
command fails.
"""

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

# Every row is a new page of the same site.
_VARIABLES = {"PAGE_TRACKER_MAX_PAGES": "100000000"}


def main(backend: str, folder: str, rows: int) -> None:
    """Import one file after the other until this process is killed."""
    file = Path(folder) / "rows.csv"
    for number in count():
        site = f"imported-{number}.example"
        lines = (f"{site}/page/{row},1\n" for row in range(rows))
        file.write_text("".join(("page,views\n", *lines)), "utf-8")
        subprocess.run(
            [sys.executable, "-m", "page_tracker", "import", "--backend", backend]
            + [str(file)],
            env=os.environ | _VARIABLES,
            check=True,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

"""Programs that the tests of the browser need."""

import shutil


def find_program(*names: str, packages: str) -> str:
    """Return the path of the first of these programs that is on the PATH.

    Raises AssertionError, which names the packages of Debian that contain them.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    raise AssertionError(
        f"None of these is on the PATH: {', '.join(names)}. On Debian, run: "
        f"apt-get install {packages}"
    )

"""The project, and copies of it that a test may change."""

import os
import subprocess
from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).resolve().parents[1]


def copy_project(folder: Path) -> None:
    """Copy the project, without what Git ignores, to a new folder."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    copytree(
        ROOT, folder, ignore=ignore_patterns(".git", *(n.strip("/") for n in ignored))
    )


def clone_project(folder: Path) -> None:
    """Clone the project to a new folder. A git pull there gets a newer version."""
    origin = folder.with_name(f"{folder.name}.origin")
    copy_project(origin)
    _git(origin, "init", "--quiet")
    _commit(origin)
    _git(origin, "clone", "--quiet", ".", str(folder))
    with (origin / "page_tracker/__init__.py").open("a", encoding="utf-8") as file:
        file.write("# The newer version.\n")
    _commit(origin)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message=A change")


def _git(folder: Path, *arguments: str) -> None:
    """Run Git without the settings of its user."""
    names = {
        f"GIT_{role}_{what}": "tests@page-tracker.invalid"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | names | {"GIT_CONFIG_GLOBAL": os.devnull},
        check=True,
        capture_output=True,
        timeout=30,
    )
